import type { Clock } from '../../base/clock.ts';
import type { RetentionClasses, RetentionTimes } from '../retention/retention.ts';
import type { SamplesDatabase } from '../samples-database.ts';
import type { SeriesReader } from '../series-reader.ts';
import type { StoredSeries } from '../stored-series.ts';
import { bucketsOf, DAY_MS, dayOf, HOUR_MS, MINUTE_MS, sliceBuckets, type Buckets, type RollupWidthMs } from './buckets.ts';
import { RollupEncoder } from './rollup-codec.ts';

export interface RollupWriterOptions {
  readonly database: SamplesDatabase;
  readonly classes: RetentionClasses;
  readonly clock: Clock;
  /** Reads raw samples. */
  readonly reader: () => SeriesReader;
}

/** Up to where each resolution goes, for one class of retention. */
interface Cutoffs {
  /** Raw samples up to and including this instant. */
  readonly rawMs: number;
  /** Days before this one. */
  readonly minuteDay: number;
  readonly hourDay: number;
}
interface Job {
  readonly series: readonly StoredSeries[];
  readonly cutoffs: readonly Cutoffs[];
  next: number;
}

/** How long one call may work, in ms. */
const TURN_MS = 40;

/**
 * Rolls raw samples up before retention takes them.
 *
 * Once a whole UTC day is past a series' raw retention, nothing can be added to it any more; its samples are summed up by the minute and by
 * the hour, a blob a series, day and width, and `rolledToMs` of the series moves to the day's end: from then on readers take the roll-ups, and
 * a block whose series are all past its end may go. How far a series is rolled up is read from the roll-ups at open, so a kill costs only the
 * open transaction, and doing a day twice writes the same rows. Not rolled up earlier: queries want the raw samples while they are there.
 * A pass looks at every series once a day, in turns of bounded work.
 */
export class RollupWriter {
  readonly #options: RollupWriterOptions;
  readonly #encoder = new RollupEncoder();
  #job: Job | undefined;
  #done = '';
  #passes = 0;
  /** When room runs out: raw samples up to here are rolled up early, minutes before this day go. */
  #earlyRawMs = -Infinity;
  #earlyMinuteDay = -Infinity;
  #oldestMinuteDay = Infinity;

  constructor(options: RollupWriterOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  /** How many passes came to their end. */
  get passes(): number {
    return this.#passes;
  }

  /** Reads how far the series of an opened database are rolled up. */
  load(seriesOf: (ref: number) => StoredSeries | undefined): void {
    for (const { ref, lastDay, firstMinuteDay } of this.#options.database.rollups.spans()) {
      const series = seriesOf(ref);
      if (series === undefined) continue;
      series.rolledToMs = (lastDay + 1) * DAY_MS;
      series.lastAtMs = Math.max(series.lastAtMs, series.rolledToMs);
      this.#oldestMinuteDay = Math.min(this.#oldestMinuteDay, firstMinuteDay ?? Infinity);
    }
  }

  /**
   * Makes room: gives up the oldest day by the minute; without one, rolls raw samples up to the end of the day in which a block ends early.
   * @returns whether that will free anything.
   */
  makeRoom(blockEndMs: number, nowMs: number): boolean {
    if (this.#oldestMinuteDay < Infinity) {
      this.#earlyMinuteDay = ++this.#oldestMinuteDay;
      if (this.#oldestMinuteDay * DAY_MS > nowMs) this.#oldestMinuteDay = Infinity;
      return true;
    }
    const dayEndMs = Math.ceil(blockEndMs / DAY_MS) * DAY_MS;
    if (!(dayEndMs < nowMs - HOUR_MS)) return false;
    this.#earlyRawMs = dayEndMs;
    return true;
  }

  /** Begins a pass when there is something to do. */
  begin(series: Iterable<StoredSeries>, nowMs: number): void {
    if (this.#job !== undefined) return;
    const cutoffs = this.#options.classes.times.map((times) => this.#cutoffs(times, nowMs));
    const what = JSON.stringify(cutoffs);
    if (what === this.#done) return;
    this.#done = what;
    this.#job = { series: [...series], cutoffs, next: 0 };
  }

  /** Goes on for a turn. @throws SQLite's error; then the pass begins again. */
  turn(): void {
    const job = this.#job;
    if (job === undefined) return;
    const { clock, database } = this.#options;
    const startedMs = clock.monotonicMs();
    const reader = this.#options.reader();
    const rolled: [StoredSeries, number][] = [];
    this.#job = undefined;
    const done = this.#done;
    this.#done = '';
    database.inTransaction(() => {
      while (job.next < job.series.length) {
        const series = job.series[job.next++] as StoredSeries;
        const cutoffs = job.cutoffs[series.retentionClass] as Cutoffs;
        if (series.rolledToMs < cutoffs.rawMs) rolled.push([series, this.#roll(series, cutoffs, reader)]);
        database.rollups.expire(series.ref, MINUTE_MS, cutoffs.minuteDay);
        database.rollups.expire(series.ref, HOUR_MS, cutoffs.hourDay);
        if (job.next % 16 === 0 && clock.monotonicMs() - startedMs > TURN_MS) return;
      }
    });
    this.#done = done;
    for (const [series, rolledToMs] of rolled) series.rolledToMs = rolledToMs;
    if (job.next < job.series.length) this.#job = job;
    else this.#passes++;
  }

  #cutoffs({ rawMs, minuteMs, hourMs }: RetentionTimes, nowMs: number): Cutoffs {
    const isRolled = Math.max(minuteMs, hourMs) > rawMs;
    const unitMs = isRolled ? DAY_MS : HOUR_MS;
    return {
      rawMs: Math.max(Math.floor((nowMs - rawMs) / unitMs) * unitMs, this.#earlyRawMs),
      minuteDay: Math.max(Math.floor((nowMs - minuteMs) / DAY_MS), this.#earlyMinuteDay),
      hourDay: Math.floor((nowMs - hourMs) / DAY_MS),
    };
  }

  /** Writes the roll-ups of a series' raw samples that are due. @returns up to where. */
  #roll(series: StoredSeries, { rawMs, minuteDay, hourDay }: Cutoffs, reader: SeriesReader): number {
    if (dayOf(rawMs) < Math.min(minuteDay, hourDay)) return rawMs;
    const view = reader.readRaw(series, series.rolledToMs + 1, rawMs);
    if (view !== undefined) {
      this.#write(series.ref, bucketsOf(view, MINUTE_MS), { widthMs: MINUTE_MS, fromDay: minuteDay });
      this.#write(series.ref, bucketsOf(view, HOUR_MS), { widthMs: HOUR_MS, fromDay: hourDay });
    }
    return rawMs;
  }

  #write(ref: number, buckets: Buckets, into: { readonly widthMs: RollupWidthMs; readonly fromDay: number }): void {
    const { widthMs, fromDay } = into;
    const { timesMs } = buckets;
    for (let from = 0; from < timesMs.length;) {
      const day = dayOf(timesMs[from] as number);
      let to = from + 1;
      while (to < timesMs.length && dayOf(timesMs[to] as number) === day) to++;
      if (day >= fromDay) {
        const data = this.#encoder.encode(sliceBuckets(buckets, from, to), widthMs);
        this.#options.database.rollups.insert(ref, { day, widthMs, data });
        if (widthMs === MINUTE_MS) this.#oldestMinuteDay = Math.min(this.#oldestMinuteDay, day);
      }
      from = to;
    }
  }
}
