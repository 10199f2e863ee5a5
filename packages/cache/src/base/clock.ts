/** A pending timer. Cancelling twice, or after it fired, does nothing. */
export interface CacheTimer {
  cancel(): void;
}

/**
 * The only source of time and chance of a cache. Tests inject one that moves when told; a clock of `@bellwether/monitor` fits as it is.
 */
export interface CacheClock {
  /** Wall time, ms since the Unix epoch. Used only where other processes see the time (dumps, second tier). */
  nowMs(): number;
  /** Monotonic time in ms: what every lifetime is measured with. */
  monotonicMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Runs `callback` once, `delayMs` ≥ 0 from now. Must not keep the process alive. */
  schedule(delayMs: number, callback: () => void): CacheTimer;
}
