import type { Logger } from '../base/logger.ts';
import type { SeriesDescriptor } from '../model/metric.ts';

/** What keeps a store from being flooded. A series beyond a limit is refused; known ones go on. */
export interface StoreLimits {
  /** @default 1,000,000 */
  readonly maxSeries: number;
  /** Labels of a series without its name. @default 40 */
  readonly maxLabels: number;
  /** Characters of a metric or label name. @default 512 */
  readonly maxNameLength: number;
  /** Characters of a label value. @default 4,096 */
  readonly maxValueLength: number;
  /** How far ahead of the clock a sample may be, in ms. @default 600,000 */
  readonly maxFutureMs: number;
  /** Samples kept in memory while the disk is full, in encoded bytes; what comes after is dropped and counted. @default 64 MiB */
  readonly maxWaitingBytes: number;
}

const DEFAULTS: StoreLimits = {
  maxSeries: 1_000_000,
  maxLabels: 40,
  maxNameLength: 512,
  maxValueLength: 4096,
  maxFutureMs: 600_000,
  maxWaitingBytes: 64 * 1024 * 1024,
};

/** @throws {RangeError} when a limit is not a number > 0. */
export function resolveLimits(limits: Partial<StoreLimits> = {}): StoreLimits {
  const resolved = { ...DEFAULTS, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(value > 0)) throw new RangeError(`limits.${name} must be > 0, not ${value}`);
  }
  return resolved;
}

/** Refuses series beyond the limits; the log hears of each limit once. */
export class LimitGuard {
  readonly #limits: StoreLimits;
  readonly #log: Logger;
  readonly #hit = new Set<keyof StoreLimits>();

  constructor(limits: StoreLimits, log: Logger) {
    this.#limits = limits;
    this.#log = log;
  }

  /** Whether a new series may come. @param known how many there are. */
  admits(series: SeriesDescriptor, known: number): boolean {
    const limit = violatedLimit(series, known, this.#limits);
    if (limit === undefined) return true;
    if (this.#hit.has(limit)) return false;
    this.#hit.add(limit);
    const what = `A new series of ${series.name.slice(0, 200)} is refused by a limit; known ones go on`;
    this.#log.warn({ limit, allowed: this.#limits[limit] }, what);
    return false;
  }
}

/** The limit that refuses a new series, `undefined` when none does. */
function violatedLimit(series: SeriesDescriptor, known: number, limits: StoreLimits): keyof StoreLimits | undefined {
  if (known >= limits.maxSeries) return 'maxSeries';
  if (series.name.length === 0 || series.name.length > limits.maxNameLength) return 'maxNameLength';
  let labels = 0;
  for (const label in series.labels) {
    if (++labels > limits.maxLabels) return 'maxLabels';
    if (label.length > limits.maxNameLength) return 'maxNameLength';
    if ((series.labels[label] as string).length > limits.maxValueLength) return 'maxValueLength';
  }
  return undefined;
}
