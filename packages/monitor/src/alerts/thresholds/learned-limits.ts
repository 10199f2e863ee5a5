import { learnedBand } from '../../analyse/learned-threshold.ts';
import type { Labels } from '../../model/labels.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import type { Reading } from './take-readings.ts';

/** Metrics that get a learned limit, and how far from the median it must stay at least, in the metric's unit. */
const ABSOLUTE_FLOORS: Readonly<Record<string, number>> = {
  cpu_usage: 30,
  memory_usage: 15,
  api_response_time: 100,
  database_query_time: 50,
  error_rate: 2,
};
const EXECUTION_TIME = /^execution_time_/;
const EXECUTION_TIME_FLOOR_MS = 50;

/** Points a limit rests on at most; their distance is never less than the shortest step. */
const WINDOW_MS = 3_600_000;
const SHORTEST_STEP_MS = 10_000;
/** Limits move slowly: looked up again only this often. */
const REFRESH_MS = 60_000;
const MOST_SERIES = 500;

interface Known {
  readonly limit: number | undefined;
  readonly refreshAtMs: number;
}

function floorOf(metric: string): number | undefined {
  return Object.hasOwn(ABSOLUTE_FLOORS, metric)
    ? ABSOLUTE_FLOORS[metric]
    : EXECUTION_TIME.test(metric)
      ? EXECUTION_TIME_FLOOR_MS
      : undefined;
}

/** Whether a limit is learned for the metric at all. */
export function isLearned(metric: string): boolean {
  return floorOf(metric) !== undefined;
}

/** Selector text of exactly one series. */
function selectorOf(metric: string, labels: Labels): string {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${metric}{${matchers.join(',')}}`;
}

/** What is unusual for each series, judged by its own trailing hour. Remembers limits for a minute; bounded to 500 series. */
export class LearnedLimits {
  readonly #query: QueryEngine;
  readonly #known = new Map<string, Known>();

  constructor(query: QueryEngine) {
    this.#query = query;
  }

  /** The value above which `reading` is unusual; `undefined` while learning, or for metrics that are not learned. */
  async limitOf(reading: Reading, at: { readonly nowMs: number; readonly intervalMs: number }): Promise<number | undefined> {
    const floor = floorOf(reading.metric);
    if (floor === undefined) return undefined;
    const known = this.#known.get(reading.key);
    if (known !== undefined && at.nowMs < known.refreshAtMs) return known.limit;
    if (known === undefined && this.#known.size >= MOST_SERIES) return undefined;
    // Configured limits must be judged even while history cannot be read; the next refresh tries again.
    const history = await this.#history(reading, at).catch(() => []);
    const limit = learnedBand(history, { absoluteFloor: floor })?.upper;
    this.#known.set(reading.key, { limit, refreshAtMs: at.nowMs + REFRESH_MS });
    return limit;
  }

  /** Forgets series that are no longer read. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
  }

  async #history(
    { metric, labels }: Reading,
    { nowMs, intervalMs }: { readonly nowMs: number; readonly intervalMs: number },
  ): Promise<number[]> {
    const stepMs = Math.max(SHORTEST_STEP_MS, intervalMs);
    const step = `${Math.ceil(stepMs / 1000)}s`;
    const expression = `avg_over_time(${selectorOf(metric, labels)}[${step}])`;
    const { value } = await this.#query.range(expression, { fromMs: nowMs - WINDOW_MS, toMs: nowMs - stepMs, stepMs });
    const exact =
      value.type === 'matrix' ? value.series.find((series) => Object.keys(series.labels).length === Object.keys(labels).length) : undefined;
    return (exact?.values ?? []).filter((sample) => Number.isFinite(sample));
  }
}
