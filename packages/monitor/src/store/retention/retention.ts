import { compilePattern } from '../label-matcher.ts';

/** How long the samples of a metric are kept at each resolution, in ms from now. */
export interface RetentionTimes {
  /** As they came, > 0. @default 15 days */
  readonly rawMs: number;
  /** Rolled up to one bucket a minute, from when the raw ones go; 0: not at all. @default 90 days */
  readonly minuteMs: number;
  /** Rolled up to one bucket an hour; 0: not at all. @default 2 years */
  readonly hourMs: number;
}

/** Other times for metrics whose name a pattern matches; what is left out is as for all. */
export interface MetricRetention extends Partial<RetentionTimes> {
  /** An anchored RE2 pattern. */
  readonly match: string;
}

/** What is kept, and for how long. Plain data. */
export interface Retention extends RetentionTimes {
  /** Bytes in use on disk beyond which the oldest goes, minutes before raw samples. @default no limit */
  readonly bytes: number;
  /** The first that matches counts. */
  readonly metrics: readonly MetricRetention[];
}

const DAY_MS = 86_400_000;
export const DEFAULT_RETENTION: Retention = {
  rawMs: 15 * DAY_MS,
  minuteMs: 90 * DAY_MS,
  hourMs: 730 * DAY_MS,
  bytes: Infinity,
  metrics: [],
};

/** @throws {RangeError} for a time or size out of range. @throws BellwetherError `query_invalid` for a bad pattern. */
export function resolveRetention(given: Partial<Retention> = {}): Retention {
  const retention = { ...DEFAULT_RETENTION, ...given };
  const { bytes, metrics } = retention;
  if (!(bytes > 0)) throw new RangeError(`retention.bytes must be > 0, not ${bytes}`);
  for (const times of [retention, ...metrics.map((metric) => ({ ...retention, ...metric }))]) {
    const { rawMs, minuteMs, hourMs } = times;
    if (!(rawMs > 0)) throw new RangeError(`retention.rawMs must be > 0, not ${rawMs}`);
    if (!(minuteMs >= 0)) throw new RangeError(`retention.minuteMs must be ≥ 0, not ${minuteMs}`);
    if (!(hourMs >= 0)) throw new RangeError(`retention.hourMs must be ≥ 0, not ${hourMs}`);
  }
  for (const { match } of metrics) compilePattern(match);
  return retention;
}

/** The kinds of retention there are: number 0 for all metrics, then one for each entry of `metrics`. */
export class RetentionClasses {
  readonly times: readonly RetentionTimes[];
  readonly #tests: readonly ((name: string) => boolean)[];

  constructor(retention: Retention) {
    this.times = [retention, ...retention.metrics.map((metric) => ({ ...retention, ...metric }))];
    this.#tests = retention.metrics.map(({ match }) => compilePattern(match));
  }

  /** The number of the class of a metric. */
  of(name: string): number {
    return this.#tests.findIndex((test) => test(name)) + 1;
  }
}
