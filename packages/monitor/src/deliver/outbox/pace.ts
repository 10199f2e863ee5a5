/**
 * How often a group, and a channel, may speak. Pure: time and past are arguments.
 *
 * Damping: the first message of a group is never held back, nor the second (its end). From the third within two hours on, a group must have been quiet for
 * five minutes, or have held its tongue for ten minutes (an hour from the fourth on); what happened meanwhile is told in one message.
 * Forty flaps at a steady pace give four messages instead of forty, and nothing is lost: each tells the latest state of every alert.
 */
export const DAMPING_WINDOW_MS = 7_200_000;
const FREE_MESSAGES = 2;
const QUIET_MS = 300_000;
const FIRST_GAP_MS = 600_000;
const LATER_GAP_MS = 3_600_000;

/**
 * When a group may speak next.
 * @param toldAtMs Times of its messages within the window, in any order.
 * @param newestAtMs Time of the newest news that waits.
 */
export function groupDueAtMs(toldAtMs: readonly number[], newestAtMs: number): number {
  if (toldAtMs.length < FREE_MESSAGES) return newestAtMs;
  const gapMs = toldAtMs.length === FREE_MESSAGES ? FIRST_GAP_MS : LATER_GAP_MS;
  return Math.min(newestAtMs + QUIET_MS, Math.max(...toldAtMs) + gapMs);
}

/** Groups that are due on one channel at the same time beyond this many become one message. */
export const MOST_SEPARATE_GROUPS = 3;

const BURST = 4;
const REFILL_MS = 120_000;
const FIRST_CRITICAL_GAP_MS = 20_000;
const WINDOW_MS = 600_000;

/**
 * When a channel may tell of something critical that it has not heard of, although its bucket is empty: four at once, then after 20, 40, 80
 * and every 120 s. So the fifth service that falls within seconds waits 20 s, not two minutes, and a storm is still ten messages in ten minutes.
 * @param sentAtMs When it sent its last messages, oldest first; those of the last ten minutes count.
 */
export function criticalDueAtMs(sentAtMs: readonly number[], nowMs: number): number {
  const recent = sentAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS && atMs <= nowMs);
  const last = recent.at(-1);
  if (last === undefined || recent.length < BURST) return nowMs;
  return last + Math.min(REFILL_MS, FIRST_CRITICAL_GAP_MS * 2 ** Math.min(20, recent.length - BURST));
}

/** Messages a channel may still send: four at once, then one every two minutes. Escalations do not ask. */
export class TokenBucket {
  #tokens = BURST;
  #atMs: number;
  #sentAtMs: readonly number[] = [];

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Messages that may leave at once. */
  available(nowMs: number): number {
    // A clock that was set back must not keep the bucket empty until it has caught up.
    if (nowMs < this.#atMs) this.#atMs = nowMs;
    const refilled = Math.floor((nowMs - this.#atMs) / REFILL_MS);
    this.#tokens = Math.min(BURST, this.#tokens + refilled);
    this.#atMs = this.#tokens === BURST ? nowMs : this.#atMs + refilled * REFILL_MS;
    return this.#tokens;
  }

  /** Counts a message that was delivered. Failed attempts cost nothing: the retry delay paces them. */
  take(nowMs: number): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
    this.#sentAtMs = [...this.#sentAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS), nowMs];
  }

  /** When something critical may be told. */
  criticalDueAtMs(nowMs: number): number {
    return criticalDueAtMs(this.#sentAtMs, nowMs);
  }

  /** When the next message may leave once none is available. */
  get nextAtMs(): number {
    return this.#atMs + REFILL_MS;
  }
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;

/** Pause before attempt number `attempts + 1`: doubling from 1 s to 5 min, ±20 %. @param chance Uniform in [0, 1). */
export function retryDelayMs(attempts: number, chance: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 30)) * (0.8 + 0.4 * chance);
}
