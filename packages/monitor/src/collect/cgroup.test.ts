import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlGroups } from './cgroup.ts';

const GB = 2 ** 30;
let root: string;
let groups: ControlGroups | undefined;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'cgroup-'));
});
afterEach(() => {
  groups?.[Symbol.dispose]();
  groups = undefined;
  rmSync(root, { recursive: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function open(files: Readonly<Record<string, string>>): ControlGroups {
  write(files);
  groups = new ControlGroups(root);
  return groups;
}

const UNIFIED = '30 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n';

describe('version 2', () => {
  test('limits of a container are those of the visible root, whatever path the host uses', () => {
    const limited = open({
      'proc/self/cgroup': '0::/../kubepods/pod1/abc\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/cpu.max': '150000 100000\n',
      'sys/fs/cgroup/cpu.stat': 'usage_usec 2500000\nuser_usec 2000000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 400000\n',
      'sys/fs/cgroup/memory.max': `${GB}\n`,
      'sys/fs/cgroup/memory.current': `${GB / 2}\n`,
      'sys/fs/cgroup/memory.stat': `anon 1\ninactive_file ${GB / 4}\nactive_file 5\n`,
      'sys/fs/cgroup/memory.events': 'low 0\nhigh 0\nmax 9\noom 5\noom_kill 4\noom_group_kill 0\n',
    });
    expect(limited.cpuLimit()).toEqual({ cores: 1.5, usedSeconds: 2.5 });
    expect(limited.throttling()).toEqual({ periods: 3, seconds: 0.4 });
    expect(limited.memoryLimit(16 * GB)).toEqual({ limitBytes: GB, workingSetBytes: GB / 4, oomKills: 4 });
  });

  test('the tightest limit of the groups above counts, with the use of the group that sets it', () => {
    const limited = open({
      'proc/self/cgroup': '0::/system.slice/app.service\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/system.slice/cpu.max': '50000 100000\n',
      'sys/fs/cgroup/system.slice/cpu.stat': 'usage_usec 9000000\n',
      'sys/fs/cgroup/system.slice/app.service/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/system.slice/app.service/cpu.stat': 'usage_usec 1000000\n',
      'sys/fs/cgroup/system.slice/memory.max': 'max\n',
      'sys/fs/cgroup/system.slice/app.service/memory.max': `${2 * GB}\n`,
      'sys/fs/cgroup/system.slice/app.service/memory.current': `${GB}\n`,
    });
    expect(limited.cpuLimit()).toEqual({ cores: 0.5, usedSeconds: 9 });
    expect(limited.memoryLimit(16 * GB)).toEqual({ limitBytes: 2 * GB, workingSetBytes: GB, oomKills: undefined });
  });

  test('max is no limit, and neither is more memory than the machine has', () => {
    const free = open({
      'proc/self/cgroup': '0::/\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/memory.max': `${64 * GB}\n`,
      'sys/fs/cgroup/memory.current': '5\n',
    });
    expect(free.cpuLimit()).toBeUndefined();
    expect(free.memoryLimit(16 * GB)).toBeUndefined();
  });

  test('a limit set while running is seen', () => {
    const changing = open({
      'proc/self/cgroup': '0::/\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/cpu.stat': 'usage_usec 1000000\n',
    });
    expect(changing.cpuLimit()).toBeUndefined();
    write({ 'sys/fs/cgroup/cpu.max': '200000 100000\n' });
    expect(changing.cpuLimit()).toEqual({ cores: 2, usedSeconds: 1 });
  });
});

describe('version 1', () => {
  const MOUNTS = [
    '31 23 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
    '32 23 0:28 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    '33 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  ].join('\n');
  const GROUP = '5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n';

  test('limits of a container are read from each controller', () => {
    const limited = open({
      'proc/self/cgroup': GROUP,
      'proc/self/mountinfo': MOUNTS,
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpuacct.usage': '3000000000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 9\nnr_throttled 2\nthrottled_time 500000000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': `${GB}\n`,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': `${GB / 2}\n`,
      'sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      'sys/fs/cgroup/memory/memory.stat': `cache 1\ntotal_cache 2\ntotal_inactive_file ${GB / 8}\n`,
    });
    expect(limited.cpuLimit()).toEqual({ cores: 0.5, usedSeconds: 3 });
    expect(limited.throttling()).toEqual({ periods: 2, seconds: 0.5 });
    expect(limited.memoryLimit(16 * GB)).toEqual({ limitBytes: GB, workingSetBytes: (3 * GB) / 8, oomKills: 3 });
  });

  test('a quota of -1 and a limit near 2^63 are none', () => {
    const free = open({
      'proc/self/cgroup': GROUP,
      'proc/self/mountinfo': MOUNTS,
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '5\n',
    });
    expect(free.cpuLimit()).toBeUndefined();
    expect(free.memoryLimit(16 * GB)).toBeUndefined();
  });
});

test('without control groups there is no limit', () => {
  const free = open({});
  expect(free.cpuLimit()).toBeUndefined();
  expect(free.memoryLimit(GB)).toBeUndefined();
  expect(free.throttling()).toBeUndefined();
});
