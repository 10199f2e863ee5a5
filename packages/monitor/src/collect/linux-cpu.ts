import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { ControlGroups } from './cgroup.ts';
import { percentOf, Rate, type Collector, type Readings } from './collector.ts';
import { KeptFile } from './kept-file.ts';

/** Ticks of /proc/stat a second, the same on every Linux that runs Node. */
const TICKS = 100;
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
/** More processors than this are not told one by one. */
const MOST_PROCESSORS = 64;

interface Busy {
  readonly busy: number;
  readonly all: number;
}

function busyOf(ticks: readonly number[]): Busy {
  const all = ticks.slice(0, MODES.length).reduce((sum, each) => sum + each, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}

/** `cpu_usage`, time by processor and mode, load averages, the container's limit and throttling, pressure. */
export class LinuxCpu implements Collector {
  readonly name = 'cpu';
  readonly #clock: Clock;
  readonly #groups: ControlGroups;
  readonly #stat: KeptFile;
  readonly #load: KeptFile;
  readonly #pressure: readonly (readonly [resource: string, KeptFile])[];
  readonly #groupRate = new Rate();
  #before: Busy | undefined;

  constructor(systemRoot: string, options: { readonly clock: Clock; readonly groups: ControlGroups }) {
    this.#clock = options.clock;
    this.#groups = options.groups;
    this.#stat = new KeptFile(path.join(systemRoot, 'proc/stat'));
    this.#load = new KeptFile(path.join(systemRoot, 'proc/loadavg'));
    this.#pressure = ['cpu', 'memory', 'io'].map((resource) => [resource, new KeptFile(path.join(systemRoot, 'proc/pressure', resource))]);
  }

  collect(into: Readings): void {
    const processors = this.#collectStat(into);
    this.#collectLimit(into, processors);
    const [one, five, fifteen] = (this.#load.read() ?? '').split(' ').map(Number);
    into.gauge('load_average_1m', one);
    into.gauge('load_average_5m', five);
    into.gauge('load_average_15m', fifteen);
    for (const [resource, file] of this.#pressure) collectPressure(into, resource, file.read() ?? '');
  }

  [Symbol.dispose](): void {
    for (const file of [this.#stat, this.#load, ...this.#pressure.map(([, each]) => each)]) file[Symbol.dispose]();
  }

  /** Returns the number of processors. */
  #collectStat(into: Readings): number {
    const text = this.#stat.read();
    if (text === undefined) throw new Error(`${this.#stat.path} cannot be read`);
    let processors = 0;
    for (const line of text.slice(0, Math.max(0, text.indexOf('\nintr'))).split('\n')) {
      const [name = '', ...rest] = line.split(/ +/);
      const ticks = rest.map(Number);
      if (name === 'cpu') this.#collectBusy(into, busyOf(ticks));
      else if (name.startsWith('cpu') && ++processors <= MOST_PROCESSORS) {
        for (const [i, mode] of MODES.entries()) into.counter('cpu_seconds_total', (ticks[i] ?? 0) / TICKS, { cpu: name.slice(3), mode });
      }
    }
    return processors;
  }

  #collectBusy(into: Readings, now: Busy): void {
    const before = this.#before;
    this.#before = now;
    // A container with a limit of its own is measured by that instead.
    if (before === undefined || this.#groups.cpuLimit() !== undefined) return;
    into.gauge('cpu_usage', percentOf(now.busy - before.busy, now.all - before.all));
  }

  #collectLimit(into: Readings, processors: number): void {
    const limit = this.#groups.cpuLimit();
    into.gauge('cpu_limit_cores', limit?.cores ?? processors);
    if (limit === undefined) return;
    const coresUsed = this.#groupRate.next(limit.usedSeconds, this.#clock.monotonicMs());
    if (coresUsed !== undefined) into.gauge('cpu_usage', percentOf(coresUsed, Math.min(limit.cores, processors || Infinity)));
    const throttling = this.#groups.throttling();
    into.counter('cpu_throttled_seconds_total', throttling?.seconds);
    into.counter('cpu_throttled_periods_total', throttling?.periods);
  }
}

function collectPressure(into: Readings, resource: string, text: string): void {
  for (const kind of ['some', 'full']) {
    const total = new RegExp(`^${kind} .*total=(\\d+)`, 'm').exec(text)?.[1];
    if (total !== undefined) into.counter('pressure_stall_seconds_total', Number(total) / 1e6, { resource, kind });
  }
}
