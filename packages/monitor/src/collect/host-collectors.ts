import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { ControlGroups } from './cgroup.ts';
import type { Collector, SampleSink } from './collector.ts';
import { DiskSpace } from './disk-space.ts';
import { LinuxCpu } from './linux-cpu.ts';
import { LinuxDiskIo } from './linux-disk-io.ts';
import { LinuxMemory } from './linux-memory.ts';
import { LinuxNetwork } from './linux-network.ts';
import { PortableHost } from './portable-host.ts';
import { ProcessCollector } from './process-collector.ts';
import { CollectorRunner } from './run-collectors.ts';

export interface HostCollectorOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** A path on the file system whose usage is `disk_usage`. @default the working directory */
  readonly dataDir?: string;
  /** Where /proc and /sys are found. @default '/' */
  readonly systemRoot?: string;
}

/** Readings of the host and of this process. */
export interface HostCollectors extends Disposable {
  /** Takes the first reading of everything that is told as a rate. Tells nothing. */
  prime(nowMs: number): Promise<void>;
  /** Reads everything once. Never rejects for a reading that fails. */
  collect(sink: SampleSink, nowMs: number): Promise<void>;
}

const NOWHERE: SampleSink = { add() {} };

/** Linux by its files, other systems by Node's calls; no child process anywhere. Files are opened at the first reading and kept open. */
export function createHostCollectors(options: HostCollectorOptions): HostCollectors {
  const { clock, log, systemRoot = '/', dataDir = process.cwd() } = options;
  const resources = new DisposableStack();
  const collectors: Collector[] = [];
  if (existsSync(path.join(systemRoot, 'proc/stat'))) {
    const groups = resources.use(new ControlGroups(systemRoot));
    collectors.push(
      new LinuxCpu(systemRoot, { clock, groups }),
      new LinuxMemory(systemRoot, groups),
      new LinuxNetwork(systemRoot, clock),
      new LinuxDiskIo(systemRoot, clock),
    );
  } else collectors.push(new PortableHost());
  collectors.push(new ProcessCollector(systemRoot, clock), new DiskSpace({ systemRoot, dataDir }));
  for (const collector of collectors) resources.use(collector);
  const runner = new CollectorRunner(collectors, { clock, log });
  return {
    prime: (nowMs) => runner.run(NOWHERE, nowMs),
    collect: (sink, nowMs) => runner.run(sink, nowMs),
    [Symbol.dispose]: () => resources.dispose(),
  };
}
