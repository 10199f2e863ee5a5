import { signal, type ReadonlySignal } from '@preact/signals';
import type { Frame, MatrixSeries } from '@bellwether/server/api';
import type { Api, Stretch } from '../api/api.ts';
import { CHARTED_NAMES, growsByItself, KNOWN_METRICS } from './catalogue.ts';
import { historyQueries, type HistoryQuery } from './history-queries.ts';
import { appendRow, EMPTY_HISTORY, tableFromMatrix, type HistoryTable } from './history-table.ts';
import type { Range } from './range.ts';

export type HistoryState = 'loading' | 'ready' | 'failed';

export interface HistoryOptions {
  readonly api: Api;
  readonly range: ReadonlySignal<Range>;
  readonly instance: ReadonlySignal<string>;
  /** Custom metrics that have a chart, beside the known ones. */
  readonly extraNames: () => readonly string[];
}

/** A value older than this is not carried on into new rows: the same five minutes PromQL looks back. */
const LOOKBACK_MS = 300_000;

/** The charts' points: fetched for the chosen range, then carried on by each live frame, and fetched again now and then for what frames lack. */
export class History {
  readonly #options: HistoryOptions;
  readonly #table = signal<HistoryTable>(EMPTY_HISTORY);
  readonly #state = signal<HistoryState>('loading');
  #abort: AbortController | undefined;
  /** Seconds between collections, as the newest frame tells: points closer than that would be repetitions. */
  #intervalSeconds = 1;
  #loadedAtMs = 0;
  #newest: Frame | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  get table(): ReadonlySignal<HistoryTable> {
    return this.#table;
  }

  get state(): ReadonlySignal<HistoryState> {
    return this.#state;
  }

  clear(): void {
    this.#abort?.abort();
    this.#newest = undefined;
    this.#table.value = EMPTY_HISTORY;
    this.#state.value = 'loading';
  }

  /** Fetches the chosen range anew. An earlier fetch that has not come back is dropped. */
  async load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#loadedAtMs = Date.now();
    const { range, instance } = this.#options;
    const stepSeconds = this.#stepSeconds();
    const toSeconds = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
    const fromSeconds = toSeconds - Math.ceil(range.value.seconds / stepSeconds) * stepSeconds;
    const stretch = { fromSeconds, toSeconds, stepSeconds };
    if (this.#table.value === EMPTY_HISTORY) this.#state.value = 'loading';
    const queries = historyQueries(this.#names(), instance.value, Math.max(60, stepSeconds, 4 * this.#intervalSeconds));
    const parts = await Promise.allSettled(queries.map((query) => this.#ask(query, stretch, abort.signal)));
    if (abort.signal.aborted) return;
    const series = parts.flatMap((part) => (part.status === 'fulfilled' ? part.value : []));
    const hasFailed = parts.every(({ status }) => status === 'rejected');
    if (!hasFailed) this.#table.value = tableFromMatrix(series, stretch);
    this.#state.value = hasFailed ? 'failed' : 'ready';
    if (this.#newest !== undefined) this.append(this.#newest);
  }

  /** Carries the lines on with the newest values. */
  append(frame: Frame): void {
    this.#newest = frame;
    this.#intervalSeconds = Math.max(1, frame.health.monitoring.interval);
    if (this.#state.value === 'loading') return;
    const atMs = Date.parse(frame.timestamp);
    const values = new Map<string, number>();
    for (const name of this.#names()) {
      const metric = frame.summary[name];
      if (metric === undefined || !growsByItself(name) || atMs - Date.parse(metric.timestamp) > LOOKBACK_MS) continue;
      values.set(name, metric.current);
    }
    const limits = { windowSeconds: this.#options.range.value.seconds, stepSeconds: this.#stepSeconds() };
    this.#table.value = appendRow(this.#table.value, { atSeconds: atMs / 1000, values }, limits);
    const refreshMs = Math.min(120_000, Math.max(10_000, limits.stepSeconds * 2000));
    if (Date.now() - this.#loadedAtMs > refreshMs) void this.load();
  }

  async #ask(query: HistoryQuery, stretch: Stretch, signal: AbortSignal): Promise<readonly MatrixSeries[]> {
    const series = await this.#options.api.queryRange(query.expression, stretch, signal);
    return query.name === undefined ? series : series.map(({ values }) => ({ metric: { __name__: query.name ?? '' }, values }));
  }

  #stepSeconds(): number {
    return Math.max(this.#options.range.value.stepSeconds, Math.round(this.#intervalSeconds));
  }

  #names(): string[] {
    return [...new Set([...KNOWN_METRICS.map(({ name }) => name), ...CHARTED_NAMES, ...this.#options.extraNames()])];
  }
}
