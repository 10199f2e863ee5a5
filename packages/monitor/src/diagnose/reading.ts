import type { Labels } from '../model/labels.ts';

/** Calls finished in the window and the time they took together. `p95Ms` is `undefined` without buckets, and never above the slowest call. */
export interface TimerReading {
  readonly calls: number;
  readonly totalMs: number;
  readonly p95Ms: number | undefined;
}
/** One route template. `errors` are replies 500 to 599. */
export interface RouteReading extends TimerReading {
  readonly method: string;
  readonly route: string;
  readonly errors: number;
  /** Calls a second in each slice of the window, oldest first; empty when the instance's samples are too far apart for slices. */
  readonly callsBySlice: readonly number[];
}
/** One query fingerprint: its text with literals taken out. */
export interface StatementReading extends TimerReading {
  readonly query: string;
  readonly operation: string;
  /** As in `RouteReading`. */
  readonly callsBySlice: readonly number[];
}
/** One host this process calls. */
export interface HostReading extends TimerReading {
  readonly host: string;
}
/** One cache; counts are of the window. `undefined`: this cache does not count it. */
export interface CacheReading {
  readonly cache: string;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly writes: number | undefined;
  readonly overwrites: number | undefined;
  readonly entries: number | undefined;
  readonly maxEntries: number | undefined;
}
/** Values over time, oldest first. */
export interface Timeline {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}
/** One mounted file system; `used` reaches back further than the window. */
export interface VolumeReading {
  readonly mount: string;
  readonly totalBytes: number;
  readonly used: Timeline;
}

/** Gauges read as their median over the window, so that one stalled interval is no finding; the highest of an instance's series. */
export const GAUGES = [
  'cpu_usage',
  'cpu_limit_cores',
  'memory_usage',
  'disk_usage',
  'heap_usage',
  'process_cpu_usage',
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_utilization',
  'nodejs_heap_limit_bytes',
  'process_uptime_seconds',
] as const;
export type GaugeName = (typeof GAUGES)[number];

/**
 * Everything the detectors see of one instance: plain data over the trailing `windowMs`. Nothing in it is older, except the two
 * timelines from which trends are drawn.
 */
export interface InstanceReading {
  readonly labels: Labels;
  readonly windowMs: number;
  readonly gauges: ReadonlyMap<GaugeName, number>;
  readonly routes: readonly RouteReading[];
  readonly statements: readonly StatementReading[];
  readonly hosts: readonly HostReading[];
  readonly caches: readonly CacheReading[];
  readonly volumes: readonly VolumeReading[];
  /** The event loop's utilisation in each slice, 0 to 1. */
  readonly loopBusyBySlice: readonly number[];
  /** Heap in use: the lowest value of each slice of time, so that garbage between two collections does not show. */
  readonly heapFloor: Timeline;
  /** Highest heap in use in the time before the floor begins; `undefined` when the process is younger. */
  readonly heapPeakBefore: number | undefined;
}

/** Mean time of a call, ms; 0 without calls. */
export function meanMs(timer: TimerReading): number {
  return timer.calls === 0 ? 0 : timer.totalMs / timer.calls;
}

/** Time of all routes together, ms. */
export function routeTimeMs(reading: InstanceReading): number {
  return reading.routes.reduce((total, route) => total + route.totalMs, 0);
}

/** Share of `part` in `whole`, 0 to 1; 0 when there is no whole. Waiting calls overlap, so a share is capped at 1. */
export function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}
