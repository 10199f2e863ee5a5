/** A rate over fewer requests is chance. */
const REQUESTS_NEEDED = 5;
/** Requests too few to tell are forgotten after this time. */
const FORGET_AFTER_MS = 10_000;

/**
 * Share of failed requests, in percent, over the last stretch of time that had at least five. Quiet services gather requests over several
 * intervals; ten seconds without enough of them are 0 %.
 */
export class ErrorRate {
  #requests = 0;
  #failures = 0;
  #sinceMs = -Infinity;
  #percent = 0;

  add(isFailure: boolean): void {
    this.#requests++;
    if (isFailure) this.#failures++;
  }

  /** The rate as of now. */
  at(nowMs: number): number {
    if (this.#requests >= REQUESTS_NEEDED) this.#begin(nowMs, Math.round((1000 * this.#failures) / this.#requests) / 10);
    else if (nowMs - this.#sinceMs >= FORGET_AFTER_MS || nowMs < this.#sinceMs) this.#begin(nowMs, 0);
    return this.#percent;
  }

  #begin(nowMs: number, percent: number): void {
    this.#percent = percent;
    this.#requests = 0;
    this.#failures = 0;
    this.#sinceMs = nowMs;
  }
}
