/**
 * The limits a container sets, from the files of its control groups, version 1 and 2.
 *
 * A limit may be set on the process's own group or on any above it, and what counts against it is the use of the group that sets it. So the
 * groups from the own one up to the mount's root are looked at, and the tightest limit wins together with its group's use. "No limit" is the word
 * `max` in version 2, and in version 1 the quota −1 or a number of bytes near 2^63 (what `process.constrainedMemory()` passes on as 1.8e19).
 * Where the groups are mounted, and which part of the tree is visible there, is in /proc/self/mountinfo: inside a container the visible root is the
 * container's group although /proc/self/cgroup may tell the host's path.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { KeptFile, numberAfter } from './kept-file.ts';

/** Larger than any machine's memory: no limit. */
const NO_MEMORY_LIMIT_BYTES = 2 ** 60;

export interface CpuLimit {
  /** Processors' worth of time the group may use. */
  readonly cores: number;
  /** CPU time the group has used, seconds. */
  readonly usedSeconds: number;
}
export interface CpuThrottling {
  readonly periods: number;
  readonly seconds: number;
}
export interface MemoryLimit {
  readonly limitBytes: number;
  /** In use without file pages that are easily given back. */
  readonly workingSetBytes: number;
  /** Processes of the group ended for lack of memory; `undefined` on kernels that do not tell. */
  readonly oomKills: number | undefined;
}

/** A group's directory and its parents', own first, up to the root that is visible. */
type GroupPaths = readonly string[];

function readOr(file: string, fallback: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return fallback;
  }
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly controllers: readonly string[];
}

function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const fields = before?.split(' ') ?? [];
    const [type = '', , options = ''] = after?.split(' ') ?? [];
    const [, , , root, point] = fields;
    if (!type.startsWith('cgroup') || root === undefined || point === undefined) return [];
    return [{ root, point, type, controllers: options.split(',') }];
  });
}

/** Directories of the group that governs `controller`; `undefined` when it is not mounted. */
function groupPaths(systemRoot: string, controller: string): { readonly version: 1 | 2; readonly paths: GroupPaths } | undefined {
  const mounts = parseMounts(readOr(path.join(systemRoot, 'proc/self/mountinfo'), ''));
  for (const line of readOr(path.join(systemRoot, 'proc/self/cgroup'), '').split('\n')) {
    const [, controllers = '', ...rest] = line.split(':');
    const group = rest.join(':');
    const isOne = controllers.split(',').includes(controller);
    const mount = isOne ? mounts.find((m) => m.type === 'cgroup' && m.controllers.includes(controller)) : undefined;
    if (mount !== undefined) return { version: 1, paths: pathsOf(systemRoot, mount, group) };
  }
  const unified = /^0::(.*)$/m.exec(readOr(path.join(systemRoot, 'proc/self/cgroup'), ''))?.[1];
  const mount = mounts.find((m) => m.type === 'cgroup2');
  return unified === undefined || mount === undefined ? undefined : { version: 2, paths: pathsOf(systemRoot, mount, unified) };
}

function pathsOf(systemRoot: string, mount: Mount, group: string): GroupPaths {
  const inside = mount.root !== '/' && group.startsWith(mount.root) ? group.slice(mount.root.length) : group;
  const top = path.join(systemRoot, mount.point);
  const own = path.join(top, inside);
  const paths: string[] = [];
  // A path of the host's that does not exist in here leaves the visible root, which is then the own group.
  for (let at = existsSync(own) ? own : top; at.length > top.length; at = path.dirname(at)) paths.push(at);
  return [...paths, top];
}

interface CpuGroup {
  cores(): number | undefined;
  usedSeconds(): number | undefined;
  throttling(): CpuThrottling | undefined;
}
interface MemoryGroup {
  oomKills(): number | undefined;
  limitBytes(): number | undefined;
  workingSetBytes(): number | undefined;
}

/** Opens files relative to a directory and closes them together. */
class Files implements Disposable {
  readonly #files: KeptFile[] = [];
  in(directory: string, name: string): KeptFile {
    const file = new KeptFile(path.join(directory, name));
    this.#files.push(file);
    return file;
  }
  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

function cpuGroup2(files: Files, directory: string): CpuGroup {
  const max = files.in(directory, 'cpu.max');
  const stat = files.in(directory, 'cpu.stat');
  return {
    cores: () => {
      const [quota, period] = (max.read() ?? 'max').trim().split(' ').map(Number);
      return quota === undefined || Number.isNaN(quota) || period === undefined || period <= 0 ? undefined : quota / period;
    },
    usedSeconds: () => scaled(numberAfter(stat.read() ?? '', 'usage_usec '), 1e6),
    throttling: () => {
      const text = stat.read() ?? '';
      const periods = numberAfter(text, 'nr_throttled ');
      return periods === undefined ? undefined : { periods, seconds: (numberAfter(text, 'throttled_usec ') ?? 0) / 1e6 };
    },
  };
}

/** In version 1 the quota and the use are controllers of their own, often mounted together. */
function cpuGroup1(files: Files, directory: string, accountDirectory: string): CpuGroup {
  const quota = files.in(directory, 'cpu.cfs_quota_us');
  const period = files.in(directory, 'cpu.cfs_period_us');
  const stat = files.in(directory, 'cpu.stat');
  const usage = files.in(accountDirectory, 'cpuacct.usage');
  return {
    cores: () => {
      const [allowed, each] = [quota.number() ?? -1, period.number() ?? 0];
      return allowed > 0 && each > 0 ? allowed / each : undefined;
    },
    usedSeconds: () => scaled(usage.number(), 1e9),
    throttling: () => {
      const text = stat.read() ?? '';
      const periods = numberAfter(text, 'nr_throttled ');
      return periods === undefined ? undefined : { periods, seconds: (numberAfter(text, 'throttled_time ') ?? 0) / 1e9 };
    },
  };
}

function memoryGroup(files: Files, directory: string, version: 1 | 2): MemoryGroup {
  const limit = files.in(directory, version === 2 ? 'memory.max' : 'memory.limit_in_bytes');
  const usage = files.in(directory, version === 2 ? 'memory.current' : 'memory.usage_in_bytes');
  const stat = files.in(directory, 'memory.stat');
  const events = files.in(directory, version === 2 ? 'memory.events' : 'memory.oom_control');
  const inactive = version === 2 ? 'inactive_file ' : 'total_inactive_file ';
  return {
    limitBytes: () => {
      const bytes = limit.number();
      return bytes === undefined || bytes <= 0 || bytes >= NO_MEMORY_LIMIT_BYTES ? undefined : bytes;
    },
    workingSetBytes: () => {
      const used = usage.number();
      return used === undefined ? undefined : Math.max(0, used - (numberAfter(stat.read() ?? '', inactive) ?? 0));
    },
    oomKills: () => numberAfter(events.read() ?? '', 'oom_kill '),
  };
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}

/** Reads the groups this process is in. Limits may change while it runs: they are read each time. */
export class ControlGroups implements Disposable {
  readonly #files = new Files();
  readonly #cpu: readonly CpuGroup[];
  readonly #memory: readonly MemoryGroup[];

  /** @param systemRoot `/`, or a directory that looks like one. */
  constructor(systemRoot: string) {
    const cpu = groupPaths(systemRoot, 'cpu');
    const accounting = cpu?.version === 1 ? groupPaths(systemRoot, 'cpuacct') : undefined;
    const memory = groupPaths(systemRoot, 'memory');
    this.#cpu = (cpu?.paths ?? []).map((directory, level) =>
      cpu?.version === 1 ? cpuGroup1(this.#files, directory, accounting?.paths[level] ?? directory) : cpuGroup2(this.#files, directory),
    );
    this.#memory = (memory?.paths ?? []).map((directory) => memoryGroup(this.#files, directory, memory?.version ?? 2));
  }

  /** The tightest CPU limit; `undefined` without one. */
  cpuLimit(): CpuLimit | undefined {
    let tightest: CpuLimit | undefined;
    for (const group of this.#cpu) {
      const cores = group.cores();
      if (cores === undefined || cores >= (tightest?.cores ?? Infinity)) continue;
      const usedSeconds = group.usedSeconds();
      if (usedSeconds !== undefined) tightest = { cores, usedSeconds };
    }
    return tightest;
  }

  /** How often and how long the own group was held back. */
  throttling(): CpuThrottling | undefined {
    return this.#cpu[0]?.throttling();
  }

  /** The memory limit that leaves least room below `physicalBytes`; `undefined` without one. */
  memoryLimit(physicalBytes: number): MemoryLimit | undefined {
    let tightest: MemoryLimit | undefined;
    for (const group of this.#memory) {
      const limitBytes = group.limitBytes();
      if (limitBytes === undefined || limitBytes >= (tightest?.limitBytes ?? physicalBytes)) continue;
      const workingSetBytes = group.workingSetBytes();
      if (workingSetBytes !== undefined) tightest = { limitBytes, workingSetBytes, oomKills: group.oomKills() };
    }
    return tightest;
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}
