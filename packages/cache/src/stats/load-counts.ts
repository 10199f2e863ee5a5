/** Upper bounds of the latency buckets in ms, a last one without bound beyond them. */
export const LOAD_BUCKETS_MS: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/** Counts of loads: how many, how long, how they ended, and what was spared. */
export class LoadCounts {
  /** Loads that began. */
  started = 0;
  failed = 0;
  /** Calls that shared the load of another. */
  joined = 0;
  /** Stale values given out. */
  staleServes = 0;
  /** Loads that began before the value expired. */
  earlyRefreshes = 0;
  /** Time of all loads that succeeded, in ms. */
  totalMs = 0;
  /** Loads that succeeded, by latency: `LOAD_BUCKETS_MS` and one more, not cumulative. */
  readonly buckets: Uint32Array = new Uint32Array(LOAD_BUCKETS_MS.length + 1);

  succeeded(elapsedMs: number): void {
    this.totalMs += elapsedMs;
    const at = LOAD_BUCKETS_MS.findIndex((bound) => elapsedMs <= bound);
    const bucket = at === -1 ? LOAD_BUCKETS_MS.length : at;
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
  }
}
