import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { Rate, type Collector, type Readings } from './collector.ts';
import { KeptFile } from './kept-file.ts';

/** This process as a whole, whichever thread asks. The files exist on Linux only; the rest comes from Node everywhere. */
export class ProcessCollector implements Collector {
  readonly name = 'process';
  readonly #clock: Clock;
  readonly #descriptors: string;
  readonly #stat: KeptFile;
  readonly #schedule: KeptFile;
  readonly #maxDescriptors: number | undefined;
  readonly #cpu = new Rate();

  constructor(systemRoot: string, clock: Clock) {
    this.#clock = clock;
    const self = path.join(systemRoot, 'proc/self');
    this.#descriptors = path.join(self, 'fd');
    this.#stat = new KeptFile(path.join(self, 'stat'));
    this.#schedule = new KeptFile(path.join(self, 'schedstat'));
    using limits = new KeptFile(path.join(self, 'limits'));
    const limit = /^Max open files +(\d+)/m.exec(limits.read() ?? '')?.[1];
    this.#maxDescriptors = limit === undefined ? undefined : Number(limit);
  }

  collect(into: Readings): void {
    const usage = process.resourceUsage();
    const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
    const coresUsed = this.#cpu.next(cpuSeconds, this.#clock.monotonicMs());
    into.gauge('process_cpu_usage', coresUsed === undefined ? undefined : Math.round(coresUsed * 1000) / 10);
    into.counter('process_cpu_seconds_total', usage.userCPUTime / 1e6, { mode: 'user' });
    into.counter('process_cpu_seconds_total', usage.systemCPUTime / 1e6, { mode: 'system' });
    into.counter('process_context_switches_total', usage.voluntaryContextSwitches, { kind: 'voluntary' });
    into.counter('process_context_switches_total', usage.involuntaryContextSwitches, { kind: 'involuntary' });
    into.gauge('process_resident_memory_bytes', process.memoryUsage.rss());
    into.gauge('process_uptime_seconds', process.uptime());
    this.#collectStat(into);
    into.gauge('process_open_fds', openDescriptors(this.#descriptors));
    into.gauge('process_max_fds', this.#maxDescriptors);
    const [, waitNs] = (this.#schedule.read() ?? '').split(' ');
    into.counter('process_run_queue_wait_seconds_total', waitNs === undefined ? undefined : Number(waitNs) / 1e9);
  }

  [Symbol.dispose](): void {
    this.#stat[Symbol.dispose]();
    this.#schedule[Symbol.dispose]();
  }

  #collectStat(into: Readings): void {
    const text = this.#stat.read();
    if (text === undefined) return;
    // The second field is the name in brackets, which may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    into.gauge('process_threads', Number(fields[17]));
    into.gauge('process_virtual_memory_bytes', Number(fields[20]));
  }
}

/** Since Linux 6.2 the directory's size is the number; before, its entries must be counted, one of which is the directory itself. */
function openDescriptors(directory: string): number | undefined {
  try {
    const { size } = statSync(directory);
    return size > 0 ? size : readdirSync(directory).length - 1;
  } catch {
    return undefined;
  }
}
