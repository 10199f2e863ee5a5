import path from 'node:path';
import type { ControlGroups } from './cgroup.ts';
import { percentOf, type Collector, type Readings } from './collector.ts';
import { KeptFile, numberAfter } from './kept-file.ts';

const KB = 1024;

/** Memory and swap of the container if it has a limit below the host's memory, else of the host. */
export class LinuxMemory implements Collector {
  readonly name = 'memory';
  readonly #groups: ControlGroups;
  readonly #meminfo: KeptFile;
  readonly #vmstat: KeptFile;

  constructor(systemRoot: string, groups: ControlGroups) {
    this.#groups = groups;
    this.#meminfo = new KeptFile(path.join(systemRoot, 'proc/meminfo'));
    this.#vmstat = new KeptFile(path.join(systemRoot, 'proc/vmstat'));
  }

  collect(into: Readings): void {
    const text = this.#meminfo.read();
    const totalKb = text === undefined ? undefined : numberAfter(text, 'MemTotal:');
    if (text === undefined || totalKb === undefined) throw new Error(`${this.#meminfo.path} cannot be read`);
    // Kernels before 3.14 do not tell what is available.
    const availableKb = numberAfter(text, 'MemAvailable:') ?? (numberAfter(text, 'MemFree:') ?? 0) + (numberAfter(text, 'Cached:') ?? 0);
    const limit = this.#groups.memoryLimit(totalKb * KB);
    const totalBytes = limit?.limitBytes ?? totalKb * KB;
    const usedBytes = limit?.workingSetBytes ?? (totalKb - availableKb) * KB;
    into.gauge('memory_usage', percentOf(usedBytes, totalBytes));
    into.gauge('memory_total_bytes', totalBytes);
    into.gauge('memory_used_bytes', usedBytes);
    into.gauge('memory_available_bytes', Math.max(0, Math.min(totalBytes - usedBytes, availableKb * KB)));
    const swapKb = numberAfter(text, 'SwapTotal:') ?? 0;
    into.gauge('memory_swap_total_bytes', swapKb * KB);
    into.gauge('memory_swap_used_bytes', (swapKb - (numberAfter(text, 'SwapFree:') ?? swapKb)) * KB);
    into.counter('memory_oom_kills_total', limit?.oomKills ?? numberAfter(this.#vmstat.read() ?? '', 'oom_kill '));
  }

  [Symbol.dispose](): void {
    this.#meminfo[Symbol.dispose]();
    this.#vmstat[Symbol.dispose]();
  }
}
