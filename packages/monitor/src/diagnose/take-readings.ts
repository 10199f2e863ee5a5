/**
 * Turns the store's series into one plain reading per instance, by PromQL alone, so that it works alike for the own process and for
 * every instance that pushes here.
 *
 * The window must be short, or a fault that is gone keeps its recommendation alive; yet hold at least three samples, or a rate means
 * nothing. Instances push at their own pace, so each gets the shortest window of `WINDOWS_MS` in which it has three, and the
 * expressions run once for each window that somebody needs: one, in nearly every installation. Cost: about thirty instant
 * queries a window, whatever the number of instances.
 */
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Labels } from '../model/labels.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { durationText } from './promql-text.ts';
import { GAUGES, type CacheReading, type GaugeName, type InstanceReading, type TimerReading, type Timeline } from './reading.ts';

const WINDOWS_MS = [20_000, 60_000, 120_000, 600_000] as const;
const SAMPLES_WANTED = 3;
/** A heap trend needs several collections, a disk trend several writes. */
const HEAP_SLICES = 10;
const VOLUME_SPAN_MS = 600_000;
const VOLUME_STEP_MS = 30_000;
/** Series that every instance of ours and most of OpenTelemetry's send at each interval. */
const HEARTBEAT = '{__name__=~"process_cpu_usage|process_heap_used_bytes|process_uptime_seconds|cpu_usage|api_response_time_count"}';

export interface ReadingSources {
  readonly query: QueryEngine;
  readonly log: Logger;
}

interface Row {
  readonly labels: Labels;
  readonly value: number;
}

/** One look at the series: answers expressions, an unanswerable one with nothing, so that one bad metric does not hide the rest. */
class Look {
  readonly #sources: ReadingSources;
  readonly atMs: number;
  constructor(sources: ReadingSources, atMs: number) {
    this.#sources = sources;
    this.atMs = atMs;
  }

  async rows(expression: string): Promise<readonly Row[]> {
    try {
      const { value } = await this.#sources.query.instant(expression, this.atMs);
      return value.type === 'vector' ? value.samples.filter((sample) => Number.isFinite(sample.value)) : [];
    } catch (error) {
      this.#sources.log.warn({ expression, error: messageOf(error) }, 'A diagnosis could not read its series');
      return [];
    }
  }

  async timelines(
    expression: string,
    spanMs: number,
    stepMs: number,
  ): Promise<readonly { readonly labels: Labels; readonly line: Timeline }[]> {
    try {
      const { value } = await this.#sources.query.range(expression, { fromMs: this.atMs - spanMs, toMs: this.atMs, stepMs });
      return value.type === 'matrix' ? value.series.map(({ labels, timesMs, values }) => ({ labels, line: { timesMs, values } })) : [];
    } catch (error) {
      this.#sources.log.warn({ expression, error: messageOf(error) }, 'A diagnosis could not read its series');
      return [];
    }
  }
}

/** Names an instance: its job and its instance label, both possibly empty. */
function ownerOf(labels: Labels): string {
  return `${labels['job'] ?? ''}\0${labels['instance'] ?? ''}`;
}

function ownerLabels(labels: Labels): Labels {
  const { job, instance } = labels;
  return { ...(instance === undefined || instance === '' ? {} : { instance }), ...(job === undefined || job === '' ? {} : { job }) };
}

/** Rows of several expressions that share the labels of one resource, joined: `(owner, resource) → column → value`. */
class Joined {
  readonly rows = new Map<string, { readonly labels: Labels; readonly owner: string; readonly columns: Map<string, number> }>();

  add(column: string, rows: readonly Row[]): void {
    for (const { labels, value } of rows) {
      const owner = ownerOf(labels);
      const key = `${owner}\0${Object.keys(labels)
        .toSorted()
        .map((name) => `${name}=${labels[name]}`)
        .join('\0')}`;
      let row = this.rows.get(key);
      if (row === undefined) this.rows.set(key, (row = { labels, owner, columns: new Map() }));
      row.columns.set(column, value);
    }
  }

  /** Rows of one owner. */
  of(owner: string): readonly { readonly labels: Labels; readonly columns: ReadonlyMap<string, number> }[] {
    return [...this.rows.values()].filter((row) => row.owner === owner);
  }
}

function timerOf(columns: ReadonlyMap<string, number>): TimerReading {
  const p95Ms = columns.get('p95');
  return { calls: columns.get('calls') ?? 0, totalMs: columns.get('totalMs') ?? 0, p95Ms };
}

async function readTimer(look: Look, timer: string, by: string, window: string): Promise<Joined> {
  const joined = new Joined();
  joined.add('calls', await look.rows(`sum by (instance, job, ${by}) (increase(${timer}_count[${window}]))`));
  joined.add('totalMs', await look.rows(`sum by (instance, job, ${by}) (increase(${timer}_sum[${window}]))`));
  joined.add('p95', await look.rows(`histogram_quantile(0.95, sum by (instance, job, ${by}, le) (rate(${timer}_bucket[${window}])))`));
  return joined;
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
    look.rows(`max by (instance, job) (count_over_time(${HEARTBEAT}[${durationText(spanMs)}]))`);
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
  const routes = await readTimer(look, 'api_response_time', 'method, route', window);
  routes.add(
    'errors',
    await look.rows(`sum by (instance, job, method, route) (increase(api_response_time_count{status=~"5.."}[${window}]))`),
  );
  const statements = await readTimer(look, 'database_query_time', 'query, operation', window);
  const hosts = await readTimer(look, 'http_client_time', 'host', window);
  const caches = await readCaches(look, window);
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
    })),
    statements: statements
      .of(owner)
      .map((row) => ({ ...timerOf(row.columns), query: row.labels['query'] ?? '', operation: row.labels['operation'] ?? '' })),
    hosts: hosts.of(owner).map((row) => ({ ...timerOf(row.columns), host: row.labels['host'] ?? '' })),
    caches: caches.of(owner).map((row) => cacheOf(row.labels, row.columns)),
    volumes: volumes.filter((volume) => volume.owner === owner),
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
