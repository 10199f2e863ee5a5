import type { Clock } from '../../base/clock.ts';
import { BellwetherError } from '../../base/errors.ts';

/** What one query may use. */
export interface QueryLimits {
  /** Steps of a range query. @default 11,000 */
  readonly maxSteps: number;
  /** Samples read from the store by one query. @default 50,000,000 */
  readonly maxSamples: number;
  /** Values held in memory at once by one query's intermediate results. @default 50,000,000 */
  readonly maxValues: number;
  /** @default 30,000 */
  readonly timeoutMs: number;
  /** How far back an instant selector looks for a sample. @default 300,000 */
  readonly lookbackMs: number;
  /** Step of a subquery that names none. @default 60,000 */
  readonly defaultStepMs: number;
}

export const DEFAULT_QUERY_LIMITS: QueryLimits = {
  maxSteps: 11_000,
  maxSamples: 50_000_000,
  maxValues: 50_000_000,
  timeoutMs: 30_000,
  lookbackMs: 300_000,
  defaultStepMs: 60_000,
};

const BREATH_MS = 15;

/** Counts what a query uses, stops it at its limits, and lets others on the thread run in between. */
export class QueryBudget {
  readonly limits: QueryLimits;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  #samples = 0;
  #values = 0;
  #breathedAtMs: number;

  constructor(options: {
    readonly limits: QueryLimits;
    readonly clock: Clock;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }) {
    this.limits = options.limits;
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#timeoutMs = Math.min(options.timeoutMs ?? options.limits.timeoutMs, options.limits.timeoutMs);
    this.#breathedAtMs = options.clock.monotonicMs();
    this.#deadlineMs = this.#breathedAtMs + this.#timeoutMs;
  }

  get samplesRead(): number {
    return this.#samples;
  }
  /** @throws BellwetherError `query_too_large` */
  countSamples(count: number): void {
    this.#samples += count;
    if (this.#samples > this.limits.maxSamples) {
      throw new BellwetherError('query_too_large', `The query reads more than ${this.limits.maxSamples} samples`, {
        hint: 'Ask for fewer series, a shorter time or a shorter range.',
      });
    }
  }

  /** @throws BellwetherError `query_too_large` */
  countValues(count: number): void {
    this.#values += count;
    if (this.#values > this.limits.maxValues) {
      throw new BellwetherError('query_too_large', `The query needs more than ${this.limits.maxValues} values in memory`, {
        hint: 'Ask for fewer series or a longer step.',
      });
    }
  }

  /** Cheap to await often: gives way to other work only when the query has held the thread for a while. @throws BellwetherError `query_timeout` */
  breathe(): Promise<void> | undefined {
    const nowMs = this.#clock.monotonicMs();
    if (this.#signal?.aborted === true) throw new BellwetherError('query_canceled', 'The query was canceled');
    if (nowMs > this.#deadlineMs) {
      throw new BellwetherError('query_timeout', `The query took longer than ${this.#timeoutMs} ms`, {
        hint: 'Ask for fewer series or a shorter time, or raise the timeout.',
      });
    }
    if (nowMs - this.#breathedAtMs < BREATH_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#breathedAtMs = this.#clock.monotonicMs();
        resolve();
      });
    });
  }
}
