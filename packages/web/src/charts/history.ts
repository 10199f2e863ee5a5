import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/api.ts';
import type { Frame } from '../api/shapes.ts';
import { historyExpressions, KNOWN_METRICS } from './catalogue.ts';
import { appendRow, EMPTY_HISTORY, tableFromMatrix, type HistoryTable } from './history-table.ts';
import type { Range } from './range.ts';

export type HistoryState = 'loading' | 'ready' | 'failed';

export interface HistoryOptions {
  readonly api: Api;
  readonly range: ReadonlySignal<Range>;
  readonly instance: ReadonlySignal<string>;
}

/** A value older than this is not carried on into new rows: the same five minutes PromQL looks back. */
const LOOKBACK_MS = 300_000;

/** The charts' points: fetched for the chosen range, then carried on by each live frame. */
export class History {
  readonly #options: HistoryOptions;
  readonly #table = signal<HistoryTable>(EMPTY_HISTORY);
  readonly #state = signal<HistoryState>('loading');
  /** Custom metrics somebody opened, beside the known ones. */
  readonly #extra = new Set<string>();
  #abort: AbortController | undefined;

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
    this.#table.value = EMPTY_HISTORY;
    this.#state.value = 'loading';
  }

  /** Also keeps points of `name` from now on. */
  watch(name: string): void {
    if (this.#names().includes(name)) return;
    this.#extra.add(name);
    void this.load();
  }

  /** Fetches the chosen range anew. An earlier fetch that has not come back is dropped. */
  async load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const { api, range, instance } = this.#options;
    const { seconds, stepSeconds } = range.value;
    const toSeconds = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
    const fromSeconds = toSeconds - Math.ceil(seconds / stepSeconds) * stepSeconds;
    this.#state.value = 'loading';
    try {
      const expressions = historyExpressions(this.#names(), instance.value);
      const parts = await Promise.all(
        expressions.map((expression) => api.queryRange(expression, { fromSeconds, toSeconds, stepSeconds }, abort.signal)),
      );
      this.#table.value = tableFromMatrix(parts.flat(), { fromSeconds, stepSeconds });
      this.#state.value = 'ready';
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#state.value = 'failed';
      performance.mark('bellwether:history-failed', { detail: String(error) });
    }
  }

  /** Carries the lines on with the newest values. */
  append(frame: Frame): void {
    if (this.#state.value === 'loading') return;
    const atMs = Date.parse(frame.timestamp);
    const values = new Map<string, number>();
    for (const name of this.#names()) {
      const metric = frame.summary[name];
      if (metric !== undefined && atMs - Date.parse(metric.timestamp) < LOOKBACK_MS) values.set(name, metric.current);
    }
    const { seconds: windowSeconds, stepSeconds } = this.#options.range.value;
    this.#table.value = appendRow(this.#table.value, { atSeconds: atMs / 1000, values }, { windowSeconds, stepSeconds });
  }

  #names(): string[] {
    return [...KNOWN_METRICS.map(({ name }) => name), ...this.#extra];
  }
}
