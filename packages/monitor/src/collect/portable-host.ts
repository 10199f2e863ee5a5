import os from 'node:os';
import { percentOf, type Collector, type Readings } from './collector.ts';

/** CPU, memory and load through Node's own calls: for macOS, Windows and wherever there is no /proc. */
export class PortableHost implements Collector {
  readonly name = 'host';
  #before: { readonly busy: number; readonly all: number } | undefined;

  collect(into: Readings): void {
    let busy = 0;
    let all = 0;
    const processors = os.cpus();
    for (const { times } of processors) {
      busy += times.user + times.nice + times.sys + times.irq;
      all += times.user + times.nice + times.sys + times.irq + times.idle;
    }
    const before = this.#before;
    this.#before = { busy, all };
    if (before !== undefined) into.gauge('cpu_usage', percentOf(busy - before.busy, all - before.all));
    into.gauge('cpu_limit_cores', processors.length || os.availableParallelism());
    const totalBytes = os.totalmem();
    const availableBytes = Math.min(totalBytes, process.availableMemory());
    into.gauge('memory_usage', percentOf(totalBytes - availableBytes, totalBytes));
    into.gauge('memory_total_bytes', totalBytes);
    into.gauge('memory_used_bytes', totalBytes - availableBytes);
    into.gauge('memory_available_bytes', availableBytes);
    // Windows has no load average and says 0.
    if (os.platform() === 'win32') return;
    const [one, five, fifteen] = os.loadavg();
    into.gauge('load_average_1m', one);
    into.gauge('load_average_5m', five);
    into.gauge('load_average_15m', fifteen);
  }

  [Symbol.dispose](): void {}
}
