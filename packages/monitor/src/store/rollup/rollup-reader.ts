import type { Figure } from '../sample-store.ts';
import type { StoredSeries } from '../stored-series.ts';
import { dayOf, HOUR_MS, type Buckets } from './buckets.ts';
import { decodeBuckets } from './rollup-codec.ts';
import type { RollupTables } from './rollup-tables.ts';

/** A value that stands for `count` samples up to `atMs`. */
export type PutRollup = (atMs: number, value: number, count: number) => void;

/** A day's buckets and their width. */
export interface RollupDay {
  readonly buckets: Buckets;
  readonly widthMs: number;
}

/** Reads the part of series whose raw samples are gone. Damaged days are left out and reported. */
export class RollupReader {
  readonly #tables: RollupTables;
  readonly #onDamage: (series: StoredSeries) => void;

  constructor(tables: RollupTables, onDamage: (series: StoredSeries) => void) {
    this.#tables = tables;
    this.#onDamage = onDamage;
  }

  /** The days that overlap `[fromMs, toMs]`, oldest first. */
  *days(series: StoredSeries, fromMs: number, toMs: number): Generator<RollupDay> {
    const endMs = Math.min(toMs, series.rolledToMs);
    if (!(fromMs <= endMs)) return;
    for (const { widthMs, data } of this.#tables.rows(series.ref, dayOf(Math.max(fromMs, 0)), dayOf(endMs))) {
      const buckets = decodeBuckets(data, widthMs);
      if (buckets === undefined) this.#onDamage(series);
      else yield { buckets, widthMs };
    }
  }

  /**
   * Puts a figure of each bucket that ends in `[fromMs, toMs]`, oldest first; for `newest` those by the hour from an hour before.
   * @returns the end of the last bucket by the hour, `-Infinity` without one.
   */
  read(series: StoredSeries, range: { readonly fromMs: number; readonly toMs: number; readonly figure: Figure }, put: PutRollup): number {
    const { fromMs, toMs, figure } = range;
    const reachMs = figure === 'newest' ? HOUR_MS : 0;
    let hourlyToMs = -Infinity;
    const counter = figure === 'counter' ? new ResetFree() : undefined;
    for (const { buckets, widthMs } of this.days(series, fromMs - reachMs, toMs)) {
      const { timesMs, count } = buckets;
      const firstMs = widthMs === HOUR_MS ? fromMs - reachMs : fromMs;
      for (let i = 0; i < timesMs.length; i++) {
        const atMs = timesMs[i] as number;
        if (atMs < firstMs) continue;
        if (atMs > toMs) break;
        if (widthMs === HOUR_MS) hourlyToMs = atMs;
        if (figure === 'counter') counter?.add(buckets, i);
        else put(atMs, (figure === 'newest' ? buckets.last : buckets[figure])[i] as number, count[i] as number);
      }
    }
    counter?.put(put);
    return hourlyToMs;
  }
}

/**
 * A counter's buckets as a counter without resets: what each bucket adds is known, whatever it lost to resets meanwhile. Counted back from the
 * last value, so that raw samples go on from it; what lies before a reset may be negative.
 */
class ResetFree {
  readonly #timesMs: number[] = [];
  readonly #increases: number[] = [];
  readonly #counts: number[] = [];
  #last = 0;

  add({ timesMs, count, first, last, lost }: Buckets, i: number): void {
    const previous = this.#timesMs.length === 0 ? (first[i] as number) : this.#last;
    const lostBetween = (first[i] as number) < previous ? previous : 0;
    this.#timesMs.push(timesMs[i] as number);
    this.#increases.push((last[i] as number) - previous + lostBetween + (lost[i] as number));
    this.#counts.push(count[i] as number);
    this.#last = last[i] as number;
  }

  put(put: PutRollup): void {
    let value = this.#last;
    const values = this.#increases.toReversed().map((increase) => {
      const at = value;
      value -= increase;
      return at;
    });
    for (const [i, atMs] of this.#timesMs.entries()) put(atMs, values[values.length - 1 - i] as number, this.#counts[i] as number);
  }
}
