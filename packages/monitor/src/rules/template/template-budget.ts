import type { Clock } from '../../base/clock.ts';
import { breathing, type Breathe } from '../../base/breath.ts';

/** What the templates of one evaluation of a rule may use together. */
export interface TemplateLimits {
  /** Steps of all expansions, those that begin anew with an answer among them, > 0. @default 10,000,000: some seconds of the thread */
  readonly steps?: number;
  /** Queries of all expansions, > 0. @default 10,000 */
  readonly queries?: number;
  /** Time that these queries may take together, in ms, > 0. @default 5,000 */
  readonly queriesMs?: number;
}

const DEFAULT_LIMITS: Required<TemplateLimits> = { steps: 10_000_000, queries: 10_000, queriesMs: 5000 };

/** The templates of an evaluation used more than they may: unlike an error of one template, it ends the evaluation. */
export class TemplateBudgetError extends Error {
  override readonly name = 'TemplateBudgetError';
}

/**
 * Bounds the templates of one evaluation of a rule together. Each expansion has bounds of its own, but there is one for every label and annotation of
 * every series. What it counts is what was used, so an evaluation exceeds it by no more than one expansion or query.
 */
export class TemplateBudget {
  /** Gives way to others when the evaluation has held the thread for a while. */
  readonly breathe: Breathe;
  readonly #limits: Required<TemplateLimits>;
  readonly #clock: Clock;
  #steps = 0;
  #queries = 0;
  #queriesMs = 0;

  constructor(clock: Clock, limits: TemplateLimits = {}) {
    this.breathe = breathing(clock);
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** @throws TemplateBudgetError */
  spendSteps(count: number): void {
    this.#steps += count;
    if (this.#steps > this.#limits.steps) throw exceeded(`more than ${this.#limits.steps} steps`);
  }

  /** Runs one query, with the time in ms that is left. Rejects with TemplateBudgetError, or with what the query rejects with. */
  async spendQuery<T>(query: (timeoutMs: number) => Promise<T>): Promise<T> {
    if (++this.#queries > this.#limits.queries) throw exceeded(`more than ${this.#limits.queries} queries`);
    const leftMs = this.#limits.queriesMs - this.#queriesMs;
    if (leftMs <= 0) throw exceeded(`queries for more than ${this.#limits.queriesMs} ms`);
    const startedMs = this.#clock.monotonicMs();
    try {
      return await query(leftMs);
    } finally {
      this.#queriesMs += this.#clock.monotonicMs() - startedMs;
    }
  }
}

function exceeded(what: string): TemplateBudgetError {
  return new TemplateBudgetError(`the templates of one evaluation of the rule take ${what}; ask for fewer series or simpler templates`);
}
