import { setImmediate as nextTurn } from 'node:timers/promises';
import { isStaleAt, type SampleStore } from '@bellwether/monitor/engine';
import { familyHead, OPENMETRICS_END, sampleLine, type ExpositionFormat } from './exposition.ts';

/** As long as PromQL looks back for the newest sample. */
const LOOKBACK_MS = 300_000;
/** Lines written before others have their turn: less than 1 ms. */
const SLICE_LINES = 500;

export interface ExpositionOptions {
  readonly nowMs: number;
  readonly format: ExpositionFormat;
  /** Resolves when everything else that waits had its turn. @default the next turn of the event loop */
  readonly pause?: () => Promise<unknown>;
}

/**
 * The newest value of every series that has one, metric by metric in alphabetical order, as text in slices: between two of them the event loop goes
 * round, so that a scrape of any size delays nobody else. Reads the store as it goes; what is recorded meanwhile may be seen or not.
 */
export async function* expositionSlices(store: SampleStore, options: ExpositionOptions): AsyncGenerator<string> {
  const { nowMs, format, pause = nextTurn } = options;
  const metadata = store.metadata();
  const names = namesOf(store, nowMs).sort();
  const known = new Set(names);
  const head = { format, isTaken: (name: string) => known.has(name) };
  const newest = (store.newest ?? store.read).bind(store);
  let slice = '';
  let lines = 0;
  for (const name of names) {
    let isFirst = true;
    const views = newest([{ label: '__name__', op: '=', value: name }], nowMs - LOOKBACK_MS + 1, nowMs);
    for (const { labels, length, values } of views) {
      if (length === 0 || isStaleAt(values, length - 1)) continue;
      if (isFirst) slice += familyHead(name, metadata.get(name), head);
      isFirst = false;
      slice += sampleLine(name, labels, values[length - 1] as number);
      if (++lines % SLICE_LINES !== 0) continue;
      yield slice;
      slice = '';
      await pause();
    }
    // Names without a recent sample take time as well.
    if (++lines % SLICE_LINES === 0) await pause();
  }
  yield format === 'openmetrics' ? slice + OPENMETRICS_END : slice;
}

function namesOf(store: SampleStore, nowMs: number): string[] {
  if (store.names !== undefined) return [...store.names()];
  return [...new Set(store.series([{ label: '__name__', op: '!=', value: '' }], nowMs - LOOKBACK_MS, nowMs).map(({ name }) => name))];
}
