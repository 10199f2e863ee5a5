import { readdirSync, readFileSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import { systemClock } from '../../base/system-clock.ts';
import { Counter } from './counter.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';
import type { LabelValues } from './label-table.ts';
import { isObject, type MetricConfiguration } from './metric.ts';
import type { Aggregator } from './metric-object.ts';
import type { Registry } from './registry.ts';

export interface DefaultMetricsConfiguration {
  /** @default the global registry */
  readonly register?: Registry;
  readonly prefix?: string;
  /** On every one of them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Seconds. @default 0.001, 0.01, 0.1, 1, 2, 5 */
  readonly gcDurationBuckets?: readonly number[];
  /** Resolution of the event loop's histogram, ms. @default 10 */
  readonly eventLoopMonitoringPrecision?: number;
}

/** Names under which default metrics were made: the monitor measures the same by itself, so they are exposed but not taken over. */
const DEFAULT_NAMES = new Set<string>();

export function isDefaultMetric(metric: { readonly name: string }): boolean {
  return DEFAULT_NAMES.has(metric.name);
}

/** Makes metrics of one registry under one prefix with the same labels. */
class Maker {
  readonly #configuration: DefaultMetricsConfiguration;
  readonly labels: LabelValues<string>;

  constructor(configuration: DefaultMetricsConfiguration) {
    this.#configuration = configuration;
    this.labels = configuration.labels ?? {};
  }
  options(name: string, help: string, own: readonly string[] = []): MetricConfiguration<string> {
    const { register, prefix = '' } = this.#configuration;
    DEFAULT_NAMES.add(prefix + name);
    return { name: prefix + name, help, labelNames: [...own, ...Object.keys(this.labels)], registers: register && [register] };
  }
  gauge(name: string, help: string, more: { readonly aggregator?: Aggregator; readonly collect?: () => void } = {}): Gauge {
    return new Gauge({ ...this.options(name, help), ...more });
  }
  /** How many there are by type, and altogether. */
  byType(name: string, [helpByType, helpAll]: readonly [string, string], read: () => readonly string[]): void {
    const byType: Gauge = new Gauge({
      ...this.options(name, helpByType, ['type']),
      collect: () => {
        byType.reset();
        for (const [type, all] of Map.groupBy(read(), String)) byType.set({ type, ...this.labels }, all.length);
      },
    });
    const all: Gauge = this.gauge(`${name}_total`, helpAll, { collect: () => all.set(this.labels, read().length) });
  }
}

function processTimes(make: Maker): void {
  const { labels } = make;
  const user = new Counter({
    ...make.options('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.'),
    collect: () => {
      const spent = process.cpuUsage(before);
      before = process.cpuUsage();
      user.inc(labels, spent.user / 1e6);
      system.inc(labels, spent.system / 1e6);
      both.inc(labels, (spent.user + spent.system) / 1e6);
    },
  });
  const system = new Counter(make.options('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.'));
  const both = new Counter(make.options('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.'));
  let before = process.cpuUsage();
  const startedS = Math.round(systemClock.nowMs() / 1000 - process.uptime());
  const start: Gauge = make.gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', {
    aggregator: 'omit',
    collect: () => start.set(labels, startedS),
  });
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function processMemory(make: Maker): void {
  const { labels } = make;
  const resident: Gauge = make.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', {
    collect: () => {
      const status = process.platform === 'linux' ? fileText('/proc/self/status') : undefined;
      const bytes = (field: string): number => Number(status?.match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))?.[1]) * 1024;
      if (status === undefined) return resident.set(labels, process.memoryUsage.rss());
      resident.set(labels, bytes('VmRSS'));
      virtual?.set(labels, bytes('VmSize'));
      heap?.set(labels, bytes('VmData'));
    },
  });
  if (process.platform !== 'linux') return;
  const virtual: Gauge | undefined = make.gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.');
  const heap: Gauge | undefined = make.gauge('process_heap_bytes', 'Process heap size in bytes.');
  const open: Gauge = make.gauge('process_open_fds', 'Number of open file descriptors.', {
    // One of them is the one that reads them.
    collect: () => open.set(labels, readdirSync('/proc/self/fd').length - 1),
  });
  const limit = Number(fileText('/proc/self/limits')?.match(/^Max open files\s+(\d+)/m)?.[1]);
  const max: Gauge = make.gauge('process_max_fds', 'Maximum number of open file descriptors.', { collect: () => max.set(labels, limit) });
}

function eventLoop(make: Maker, resolution: number): void {
  const { labels } = make;
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  const lag: Gauge = make.gauge('nodejs_eventloop_lag_seconds', 'Lag of event loop in seconds.', {
    aggregator: 'average',
    collect: () => {
      const startedMs = systemClock.monotonicMs();
      setImmediate(() => lag.set(labels, (systemClock.monotonicMs() - startedMs) / 1000));
      for (const [gauge, read] of readings) gauge.set(labels, read() / 1e9);
      delays.reset();
    },
  });
  const reading = (name: string, help: string, aggregator: Aggregator, read: () => number): [Gauge, () => number] => [
    make.gauge(`nodejs_eventloop_lag_${name}_seconds`, help, { aggregator }),
    read,
  ];
  const percentile = (p: number): [Gauge, () => number] =>
    reading(`p${p}`, `The ${p}th percentile of the recorded event loop delays.`, 'average', () => delays.percentile(p));
  const readings = [
    reading('min', 'The minimum recorded event loop delay.', 'min', () => delays.min),
    reading('max', 'The maximum recorded event loop delay.', 'max', () => delays.max),
    reading('mean', 'The mean of the recorded event loop delays.', 'average', () => delays.mean),
    reading('stddev', 'The standard deviation of the recorded event loop delays.', 'average', () => delays.stddev),
    percentile(50),
    percentile(90),
    percentile(99),
  ];
}

function heap(make: Maker): void {
  const { labels } = make;
  const total: Gauge = make.gauge('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', {
    collect: () => {
      const memory = process.memoryUsage();
      total.set(labels, memory.heapTotal);
      used.set(labels, memory.heapUsed);
      external.set(labels, memory.external);
    },
  });
  const used = make.gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.');
  const external = make.gauge('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.');
  const [totalBySpace, usedBySpace, availableBySpace] = (['total', 'used', 'available'] as const).map(
    (what) =>
      new Gauge(make.options(`nodejs_heap_space_size_${what}_bytes`, `Process heap space size ${what} from Node.js in bytes.`, ['space'])),
  ) as [Gauge, Gauge, Gauge];
  totalBySpace.collect = () => {
    for (const { space_name, space_size, space_used_size, space_available_size } of getHeapSpaceStatistics()) {
      const all = { space: space_name.replace(/_space$/, ''), ...labels };
      totalBySpace.set(all, space_size);
      usedBySpace.set(all, space_used_size);
      availableBySpace.set(all, space_available_size);
    }
  };
}

function versionInfo(make: Maker): void {
  const [major = '', minor = '', patch = ''] = process.version.slice(1).split('.');
  const labelNames = ['version', 'major', 'minor', 'patch'];
  const info: Gauge = new Gauge({
    ...make.options('nodejs_version_info', 'Node.js version info.', labelNames),
    aggregator: 'first',
    collect: () => info.labels(process.version, major, minor, patch, ...Object.values(make.labels)).set(1),
  });
}

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

function garbageCollection(make: Maker, buckets: readonly number[]): void {
  const help = 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.';
  const durations = new Histogram({ ...make.options('nodejs_gc_duration_seconds', help, ['kind']), buckets });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = GC_KINDS[(entry as unknown as { readonly detail: { readonly kind: number } }).detail.kind];
      if (kind !== undefined) durations.observe({ kind, ...make.labels }, entry.duration / 1000);
    }
  }).observe({ entryTypes: ['gc'] });
}

interface Listed {
  readonly _getActiveHandles?: () => readonly object[];
  readonly _getActiveRequests?: () => readonly object[];
}

function activity(make: Maker): void {
  const listed = process as Listed;
  const named = (list: readonly object[] | undefined): string[] => (list ?? []).map((one) => one.constructor.name);
  make.byType(
    'nodejs_active_resources',
    [
      'Number of active resources that are currently keeping the event loop alive, grouped by async resource type.',
      'Total number of active resources.',
    ],
    () => process.getActiveResourcesInfo(),
  );
  make.byType(
    'nodejs_active_handles',
    ['Number of active libuv handles grouped by handle type. Every handle type is C++ class name.', 'Total number of active handles.'],
    () => named(listed._getActiveHandles?.()),
  );
  make.byType(
    'nodejs_active_requests',
    ['Number of active libuv requests grouped by request type. Every request type is C++ class name.', 'Total number of active requests.'],
    () => named(listed._getActiveRequests?.()),
  );
}

/** The groups of metrics, in the order they are made. */
const GROUPS: Readonly<Record<string, (make: Maker, options: DefaultMetricsConfiguration) => void>> = {
  processTimes,
  processMemory,
  eventLoop: (make, options) => eventLoop(make, options.eventLoopMonitoringPrecision ?? 10),
  activity,
  heap,
  version: versionInfo,
  gc: (make, options) => garbageCollection(make, options.gcDurationBuckets ?? [0.001, 0.01, 0.1, 1, 2, 5]),
};

interface CollectDefaultMetrics {
  (configuration?: DefaultMetricsConfiguration | null): void;
  readonly metricsList: readonly string[];
}

/** Makes prom-client's default metrics of the process and of Node.js. @throws {TypeError} for a configuration that is no object. */
export const collectDefaultMetrics: CollectDefaultMetrics = Object.assign(
  (configuration?: DefaultMetricsConfiguration | null): void => {
    if (configuration !== undefined && configuration !== null && !isObject(configuration))
      throw new TypeError('config must be null, undefined, or an object');
    const options: DefaultMetricsConfiguration = configuration ?? {};
    const make = new Maker(options);
    for (const group of Object.values(GROUPS)) group(make, options);
  },
  { metricsList: Object.keys(GROUPS) },
);
