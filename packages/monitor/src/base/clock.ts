/** A pending timer. Disposing cancels it; disposing twice, or after it fired, does nothing. */
export interface Timer extends Disposable {
  cancel(): void;
}

/**
 * The only source of time and chance. Everything that waits, dates or draws lots takes one as an argument,
 * so that tests run days of monitoring in milliseconds with `FakeClock`.
 */
export interface Clock {
  /** Wall time, ms since the Unix epoch. May jump when the host's clock is set. */
  nowMs(): number;
  /** Monotonic time in ms with sub-millisecond digits; only differences mean anything. */
  monotonicMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Runs `callback` once, `delayMs` ≥ 0 from now. Never keeps the process alive. */
  schedule(delayMs: number, callback: () => void): Timer;
  /** Resolves `delayMs` from now; rejects with the signal's reason when aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
