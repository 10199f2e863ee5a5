import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { findBottlenecks } from '../diagnose/find-bottlenecks.ts';
import { takeReadings } from '../diagnose/take-readings.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import { PRIORITIES, type Advisor, type Recommendation } from './advisor.ts';
import { recommend, recommendationId } from './recommend.ts';

/** More often than this a look shows nothing new: it reads windows of 20 s and longer. */
const SHORTEST_PAUSE_MS = 3000;
/** Others may push here at a quicker pace than our own. */
const LONGEST_PAUSE_MS = 5000;

export interface AdvisorOptions {
  readonly query: QueryEngine;
  readonly clock: Clock;
  readonly log: Logger;
  /** Between looks, ms, held between 3,000 and 5,000; `evaluate` called sooner keeps what was found. */
  readonly intervalMs: number;
  /** Read at each look, so that a changed threshold takes effect at the next. */
  readonly thresholds: () => Thresholds;
}

/** Looks at every instance the query engine has series of. Knows nothing of where they came from. */
class QueryAdvisor implements Advisor {
  readonly #options: AdvisorOptions;
  readonly #pauseMs: number;
  #lookedAtMs = -Infinity;
  /** When the evidence of each finding was first seen; kept also for those too small to recommend. */
  #seenAtMs: ReadonlyMap<string, number> = new Map();
  #active: readonly Recommendation[] = [];

  constructor(options: AdvisorOptions) {
    this.#options = options;
    // A little less than the period, or a timer that comes a millisecond early would skip every second look.
    this.#pauseMs = 0.9 * Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, options.intervalMs));
  }

  active(): readonly Recommendation[] {
    return this.#active;
  }

  async evaluate(nowMs: number): Promise<void> {
    const elapsedMs = this.#options.clock.monotonicMs() - this.#lookedAtMs;
    if (elapsedMs < this.#pauseMs) return;
    this.#lookedAtMs = this.#options.clock.monotonicMs();
    const readings = await takeReadings(this.#options, nowMs);
    const thresholds = this.#options.thresholds();
    const findings = readings.flatMap((reading) => findBottlenecks(reading, thresholds));
    const seen = new Map(findings.map((finding) => [recommendationId(finding), finding]));
    this.#seenAtMs = new Map([...seen.keys()].map((id) => [id, this.#seenAtMs.get(id) ?? nowMs]));
    this.#active = [...seen]
      .flatMap(([id, finding]) => recommend(finding, this.#seenAtMs.get(id) ?? nowMs) ?? [])
      .toSorted((a, b) => PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority) || b.createdAtMs - a.createdAtMs);
  }
}

/** An advisor with nothing to say until its first look. */
export function createAdvisor(options: AdvisorOptions): Advisor {
  return new QueryAdvisor(options);
}
