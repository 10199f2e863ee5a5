import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { METRICS } from '../instruments/catalogue.ts';
import type { SampleSink } from './collector.ts';
import { DiskSpace } from './disk-space.ts';
import { createHostCollectors } from './host-collectors.ts';

class Sink implements SampleSink {
  readonly samples = new Map<string, number>();
  readonly add: SampleSink['add'] = (name, value, { labels }) => {
    if (String(METRICS[name]?.labels) !== String(Object.keys(labels ?? {}))) throw new Error(`${name} is not as the catalogue says`);
    this.samples.set([name, ...Object.values(labels ?? {})].join(' '), value);
  };
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'host-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

const STAT = 'cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 60 0 30 400 10 0 0 0 0 0\ncpu1 40 0 20 400 40 0 0 0 0 0\nintr 1 2\nctxt 5\n';
const MEMINFO =
  'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\nCached:          200 kB\nSwapTotal:       500 kB\nSwapFree:        450 kB\n';
const NET =
  'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo: 999 9 0 0 0 0 0 0 999 9 0 0 0 0 0 0\n  eth0:1000 10 1 2 0 0 0 0 500 5 3 4 0 0 0 0\nveth12: 7 7 0 0 0 0 0 0 7 7 0 0 0 0 0 0\n';
const FILES = {
  'proc/stat': STAT,
  'proc/meminfo': MEMINFO,
  'proc/vmstat': 'nr_free_pages 5\noom_kill 2\n',
  'proc/loadavg': '0.50 0.25 0.10 1/200 777\n',
  'proc/net/dev': NET,
  'proc/net/snmp': 'Tcp: RtoAlgorithm CurrEstab RetransSegs\nTcp: 1 12 34\n',
  'proc/net/sockstat': 'sockets: used 45\nTCP: inuse 3\n',
  'proc/diskstats':
    ' 259 0 nvme0n1 10 0 100 20 30 0 300 40 0 50 60\n 259 1 nvme0n1p1 10 0 100 20 30 0 300 40 0 50 60\n   7 0 loop0 1 0 1 1 1 0 1 1 0 1 1\n',
  'proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
};

async function collectTwice(changes: Readonly<Record<string, string>>): Promise<Map<string, number>> {
  const clock = new FakeClock();
  using collectors = createHostCollectors({ clock, log: silentLogger, systemRoot: root, dataDir: root });
  await collectors.prime(clock.nowMs());
  write(changes);
  await clock.advance(1000);
  const sink = new Sink();
  await collectors.collect(sink, clock.nowMs());
  return sink.samples;
}

describe('files of a Linux host', () => {
  test('are told as the catalogue describes them', async () => {
    write(FILES);
    const samples = await collectTwice({
      'proc/stat': STAT.replace('cpu  100 0 50 800 50', 'cpu  150 0 75 900 75'),
      'proc/net/dev': NET.replace('eth0:1000', 'eth0:3000'),
      'proc/diskstats': FILES['proc/diskstats'].replaceAll('10 0 100', '12 0 108'),
    });
    const expected: Record<string, number> = {
      cpu_usage: 37.5,
      'cpu_seconds_total 0 user': 0.6,
      cpu_limit_cores: 2,
      load_average_1m: 0.5,
      memory_usage: 60,
      memory_total_bytes: 1_024_000,
      memory_used_bytes: 614_400,
      memory_swap_used_bytes: 51_200,
      memory_oom_kills_total: 2,
      'network_receive_bytes_total eth0': 3000,
      'network_transmit_errors_total eth0': 3,
      'network_receive_drops_total eth0': 2,
      network_receive_bytes_per_second: 2000,
      network_transmit_bytes_per_second: 0,
      network_tcp_retransmits_total: 34,
      network_tcp_connections: 12,
      network_sockets: 45,
      'disk_read_bytes_total nvme0n1': 108 * 512,
      'disk_io_seconds_total nvme0n1': 0.05,
      disk_read_bytes_per_second: 8 * 512,
      'pressure_stall_seconds_total cpu some': 1.5,
    };
    for (const [name, value] of Object.entries(expected)) expect(samples.get(name), name).toBe(value);
    expect([...samples.keys()].filter((key) => /veth|loop0|nvme0n1p1| lo$/.test(key))).toEqual([]);
  });

  test('within a container with limits the percentages are of the limits', async () => {
    const cgroup = (usedMicroseconds: number): Record<string, string> => ({ 'sys/fs/cgroup/cpu.stat': `usage_usec ${usedMicroseconds}\n` });
    write({
      ...FILES,
      'proc/self/cgroup': '0::/\n',
      'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      'sys/fs/cgroup/cpu.max': '50000 100000\n',
      'sys/fs/cgroup/memory.max': '512000\n',
      'sys/fs/cgroup/memory.current': '300000\n',
      'sys/fs/cgroup/memory.stat': 'inactive_file 44000\n',
      ...cgroup(1_000_000),
    });
    const samples = await collectTwice(cgroup(1_400_000));
    expect(samples.get('cpu_usage')).toBe(80);
    expect(samples.get('cpu_limit_cores')).toBe(0.5);
    expect(samples.get('memory_usage')).toBe(50);
    expect(samples.get('memory_total_bytes')).toBe(512_000);
  });

  test('a kernel that does not tell the available memory, pressure or disks is no failure', async () => {
    const { 'proc/pressure/cpu': _pressure, 'proc/diskstats': _disks, ...files } = FILES;
    write({ ...files, 'proc/meminfo': MEMINFO.replace(/MemAvailable.*\n/, '') });
    const samples = await collectTwice({});
    expect(samples.get('memory_usage')).toBe(70);
    expect([...samples.keys()].some((key) => key.startsWith('bellwether_collector_failures_total'))).toBe(false);
  });

  test('a collector that cannot read is counted and the others go on', async () => {
    const { 'proc/net/dev': _gone, ...files } = FILES;
    write(files);
    const samples = await collectTwice({});
    expect(samples.get('bellwether_collector_failures_total network')).toBe(2);
    expect(samples.has('memory_usage')).toBe(true);
  });
});

test('space is asked every ten seconds and told each time; a file system that hangs is not asked twice', async () => {
  const asked: string[] = [];
  const space = { blocks: 100, bfree: 50, bavail: 50, bsize: 10, files: 10, ffree: 4 };
  using disks = new DiskSpace({
    systemRoot: root,
    dataDir: root,
    statfs: (point) => {
      asked.push(point);
      return point === root ? Promise.resolve(space) : new Promise(() => {});
    },
  });
  const told: string[] = [];
  const into = { gauge: (name: string, value: number | undefined) => void told.push(`${name}=${value}`), counter: () => {} };
  for (const nowMs of [0, 1000, 9999, 10_000]) {
    void disks.collect(into, nowMs);
    await setImmediate();
  }
  expect(asked).toEqual([root, '/', root]);
  expect(told).toEqual(Array.from({ length: 4 }, () => 'disk_usage=50'));
});

describe('without /proc', () => {
  test('Node’s own calls answer', async () => {
    const samples = await collectTwice({});
    for (const name of [
      'cpu_limit_cores',
      'memory_usage',
      'process_resident_memory_bytes',
      'process_cpu_usage',
      'process_uptime_seconds',
      'disk_usage',
    ]) {
      expect(samples.get(name), name).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('this machine', () => {
  test('gives believable readings of everything the summary promises', async () => {
    using collectors = createHostCollectors({ clock: systemClock, log: silentLogger });
    await collectors.prime(systemClock.nowMs());
    await systemClock.sleep(60);
    const sink = new Sink();
    await collectors.collect(sink, systemClock.nowMs());
    for (const percent of ['cpu_usage', 'memory_usage', 'disk_usage']) {
      expect(sink.samples.get(percent), percent).toBeGreaterThanOrEqual(0);
      expect(sink.samples.get(percent), percent).toBeLessThanOrEqual(100);
    }
    expect(sink.samples.get('memory_usage')).toBeGreaterThan(0);
    expect(sink.samples.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    if (platform() !== 'linux') return;
    for (const name of ['process_open_fds', 'process_threads', 'network_sockets', 'load_average_1m'])
      expect(sink.samples.get(name), name).toBeGreaterThanOrEqual(0);
    expect([...sink.samples.keys()].some((key) => key.startsWith('disk_total_bytes'))).toBe(true);
  });
});
