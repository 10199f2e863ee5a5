/**
 * Turns the store's series into one plain reading per instance, by PromQL alone, so that it works alike for the own process and for
 * every instance that pushes here.
 *
 * The window must be short, or a fault that is gone keeps its recommendation alive; yet hold at least three samples, or a rate means
 * nothing. Instances push at their own pace, so each gets the shortest window of `WINDOWS_MS` in which it has three, and the
 * expressions run once for each window that somebody needs: one, in nearly every installation. Cost: about thirty instant
 * queries a window, whatever the number of instances.
 */
import type { Labels } from '../model/labels.ts';
import { Joined, Look, ownerLabels, ownerOf, resourceOf, type ReadingSources, type Row } from './look.ts';
import { durationText } from './promql-text.ts';
import { GAUGES, type CacheReading, type GaugeName, type InstanceReading, type TimerReading, type Timeline } from './reading.ts';

const WINDOWS_MS = [20_000, 60_000, 120_000, 600_000] as const;
const SAMPLES_WANTED = 3;
/** A heap trend needs several collections, a disk trend several writes. */
const HEAP_SLICES = 10;
/** Of a window, to see what rises and falls together. */
const SLICES = 10;
const VOLUME_SPAN_MS = 7_200_000;
const VOLUME_STEP_MS = 120_000;
/** Every instance of ours and most of OpenTelemetry's send one of these at each interval. */
const HEARTBEATS = ['process_uptime_seconds', 'process_heap_used_bytes', 'process_cpu_usage', 'cpu_usage', 'api_response_time_count'];

function timerOf(columns: ReadonlyMap<string, number>): TimerReading {
  const p95 = columns.get('p95');
  // A quantile is interpolated within its bucket, up to twice the true one; the slowest call bounds it.
  const p95Ms = p95 === undefined ? undefined : Math.min(p95, columns.get('slowest') ?? Infinity);
  return { calls: columns.get('calls') ?? 0, totalMs: columns.get('totalMs') ?? 0, p95Ms };
}

/** A timer and which of its series are looked at. */
interface TimerQuery {
  readonly timer: string;
  /** Labels that tell resources apart. */
  readonly by: string;
  /** A selector of series. @default all */
  readonly where?: string;
}

/** Statements of databases that have plans and indexes to give advice about. */
const STATEMENTS: TimerQuery = { timer: 'database_query_time', by: 'query, operation', where: '{system!~"redis|mongodb"}' };
const ROUTES: TimerQuery = { timer: 'api_response_time', by: 'method, route' };

async function readTimer(look: Look, { timer, by, where = '' }: TimerQuery, window: string): Promise<Joined> {
  const joined = new Joined();
  joined.add('calls', await look.rows(`sum by (instance, job, ${by}) (increase(${timer}_count${where}[${window}]))`));
  joined.add('totalMs', await look.rows(`sum by (instance, job, ${by}) (increase(${timer}_sum${where}[${window}]))`));
  joined.add(
    'p95',
    await look.rows(`histogram_quantile(0.95, sum by (instance, job, ${by}, le) (rate(${timer}_bucket${where}[${window}])))`),
  );
  joined.add('slowest', await look.rows(`max by (instance, job, ${by}) (max_over_time(${timer}${where}[${window}]))`));
  return joined;
}

/** Values of an expression in each slice of the window, by resource; a slice without one counts as 0. */
async function readSlices(look: Look, expression: string, windowMs: number): Promise<(labels: Labels) => readonly number[]> {
  const stepMs = windowMs / SLICES;
  const lines = await look.timelines(expression, windowMs - stepMs, stepMs);
  const firstMs = look.atMs - windowMs + stepMs;
  const slices = new Map<string, readonly number[]>();
  for (const { labels, line } of lines) {
    const values = Array.from({ length: SLICES }, () => 0);
    for (const [i, timeMs] of line.timesMs.entries()) values[Math.round((timeMs - firstMs) / stepMs)] = line.values[i] ?? 0;
    slices.set(resourceOf(labels), values);
  }
  return (labels) => slices.get(resourceOf(labels)) ?? [];
}

function callSlices(look: Look, { timer, by, where = '' }: TimerQuery, windowMs: number): ReturnType<typeof readSlices> {
  // A rate needs two samples, so it looks back over two slices.
  const range = durationText((2 * windowMs) / SLICES);
  return readSlices(look, `sum by (instance, job, ${by}) (rate(${timer}_count${where}[${range}]))`, windowMs);
}

async function readCaches(look: Look, window: string): Promise<Joined> {
  const joined = new Joined();
  for (const column of ['hits', 'misses', 'evictions', 'writes', 'overwrites']) {
    joined.add(column, await look.rows(`sum by (instance, job, cache) (increase(cache_${column}_total[${window}]))`));
  }
  for (const column of ['entries', 'max_entries']) joined.add(column, await look.rows(`max by (instance, job, cache) (cache_${column})`));
  return joined;
}

function cacheOf(labels: Labels, columns: ReadonlyMap<string, number>): CacheReading {
  return {
    cache: labels['cache'] ?? '',
    hits: columns.get('hits') ?? 0,
    misses: columns.get('misses') ?? 0,
    evictions: columns.get('evictions') ?? 0,
    writes: columns.get('writes'),
    overwrites: columns.get('overwrites'),
    entries: columns.get('entries'),
    maxEntries: columns.get('max_entries'),
  };
}

/**
 * Instances by the window that suits their pace. Two rules keep one that fell silent from living on in the longer windows: a pace that
 * belongs to a shorter window means it has stopped sending, and so does an empty second half of its window.
 */
async function ownersByWindow(look: Look): Promise<ReadonlyMap<number, ReadonlyMap<string, Labels>>> {
  const windows = new Map<number, Map<string, Labels>>();
  const placed = new Set<string>();
  const count = (spanMs: number): Promise<readonly Row[]> =>
    look.rows(`max by (instance, job) (${HEARTBEATS.map((name) => `count_over_time(${name}[${durationText(spanMs)}])`).join(' or ')})`);
  for (const [position, windowMs] of WINDOWS_MS.entries()) {
    const recent = new Set((await count(windowMs / 2)).map(({ labels }) => ownerOf(labels)));
    const shorterMs = WINDOWS_MS[position - 1];
    const mostSamples = shorterMs === undefined ? Infinity : (SAMPLES_WANTED * windowMs) / shorterMs;
    for (const { labels, value } of await count(windowMs)) {
      const owner = ownerOf(labels);
      if (value < SAMPLES_WANTED || placed.has(owner)) continue;
      placed.add(owner);
      if (!recent.has(owner) || value > mostSamples) continue;
      const owners = windows.get(windowMs) ?? new Map<string, Labels>();
      windows.set(windowMs, owners.set(owner, ownerLabels(labels)));
    }
  }
  return windows;
}

async function readGauges(look: Look, window: string): Promise<ReadonlyMap<string, ReadonlyMap<GaugeName, number>>> {
  const byOwner = new Map<string, Map<GaugeName, number>>();
  for (const gauge of GAUGES) {
    for (const { labels, value } of await look.rows(`max by (instance, job) (quantile_over_time(0.5, ${gauge}[${window}]))`)) {
      const owner = ownerOf(labels);
      const gauges = byOwner.get(owner) ?? new Map<GaugeName, number>();
      byOwner.set(owner, gauges.set(gauge, value));
    }
  }
  return byOwner;
}

/** The floor of the last one and a half windows, and the peak of the six windows before those. */
async function readHeap(look: Look, windowMs: number): Promise<(owner: string) => Pick<InstanceReading, 'heapFloor' | 'heapPeakBefore'>> {
  const spanMs = 1.5 * windowMs;
  const floor = `max by (instance, job) (min_over_time(process_heap_used_bytes[${durationText(windowMs / SAMPLES_WANTED)}]))`;
  const lines = await look.timelines(floor, spanMs, spanMs / HEAP_SLICES);
  const before = `max_over_time(process_heap_used_bytes[${durationText(6 * windowMs)}] offset ${durationText(spanMs)})`;
  const floors = new Map(lines.map(({ labels, line }) => [ownerOf(labels), line]));
  const peaks = new Map((await look.rows(`max by (instance, job) (${before})`)).map(({ labels, value }) => [ownerOf(labels), value]));
  return (owner) => ({ heapFloor: floors.get(owner) ?? { timesMs: [], values: [] }, heapPeakBefore: peaks.get(owner) });
}

async function readWindow(look: Look, windowMs: number, owners: ReadonlyMap<string, Labels>): Promise<InstanceReading[]> {
  const window = durationText(windowMs);
  const gauges = await readGauges(look, window);
  const routes = await readTimer(look, ROUTES, window);
  routes.add(
    'errors',
    await look.rows(`sum by (instance, job, method, route) (increase(api_response_time_count{status=~"5.."}[${window}]))`),
  );
  const statements = await readTimer(look, STATEMENTS, window);
  const hosts = await readTimer(look, { timer: 'http_client_time', by: 'host' }, window);
  const caches = await readCaches(look, window);
  const routeSlices = await callSlices(look, ROUTES, windowMs);
  const statementSlices = await callSlices(look, STATEMENTS, windowMs);
  const busySlices = await readSlices(look, 'max by (instance, job) (nodejs_eventloop_utilization)', windowMs);
  const heap = await readHeap(look, windowMs);
  const volumes = await readVolumes(look);
  return [...owners].map(([owner, labels]) => ({
    labels,
    windowMs,
    gauges: gauges.get(owner) ?? new Map(),
    routes: routes.of(owner).map((row) => ({
      ...timerOf(row.columns),
      method: row.labels['method'] ?? '',
      route: row.labels['route'] ?? '',
      errors: row.columns.get('errors') ?? 0,
      callsBySlice: routeSlices(row.labels),
    })),
    statements: statements.of(owner).map((row) => ({
      ...timerOf(row.columns),
      query: row.labels['query'] ?? '',
      operation: row.labels['operation'] ?? '',
      callsBySlice: statementSlices(row.labels),
    })),
    hosts: hosts.of(owner).map((row) => ({ ...timerOf(row.columns), host: row.labels['host'] ?? '' })),
    caches: caches.of(owner).map((row) => cacheOf(row.labels, row.columns)),
    volumes: volumes.filter((volume) => volume.owner === owner),
    loopBusyBySlice: busySlices(labels),
    ...heap(owner),
  }));
}

async function readVolumes(look: Look): Promise<readonly { owner: string; mount: string; totalBytes: number; used: Timeline }[]> {
  const totals = new Map<string, number>();
  for (const { labels, value } of await look.rows('max by (instance, job, mount) (disk_total_bytes)')) {
    totals.set(`${ownerOf(labels)}\0${labels['mount']}`, value);
  }
  const lines = await look.timelines('max by (instance, job, mount) (disk_usage_bytes)', VOLUME_SPAN_MS, VOLUME_STEP_MS);
  return lines.flatMap(({ labels, line }) => {
    const owner = ownerOf(labels);
    const mount = labels['mount'] ?? '/';
    const totalBytes = totals.get(`${owner}\0${labels['mount']}`);
    return totalBytes === undefined || totalBytes <= 0 ? [] : [{ owner, mount, totalBytes, used: line }];
  });
}

/** A reading of every instance that has at least three samples in the last ten minutes. Rejects never: unreadable series are logged and left out. */
export async function takeReadings(sources: ReadingSources, nowMs: number): Promise<readonly InstanceReading[]> {
  const look = new Look(sources, nowMs);
  const readings: InstanceReading[] = [];
  for (const [windowMs, owners] of await ownersByWindow(look)) readings.push(...(await readWindow(look, windowMs, owners)));
  return readings;
}
