const MOST_KEYS = 4096;
const MOST_DOUBLINGS = 5;

interface Failures {
  readonly count: number;
  readonly untilMs: number;
}

/** Keys whose last load failed while an older value could stand in, and when to try again. The 4,096 most recent; a key forgotten is tried again sooner. */
export class BackOff {
  readonly #keys = new Map<string, Failures>();

  /** @param spread 0..1; of the pause, half is certain and half is spread, so that instances do not come back together. */
  failed(key: string, at: { readonly nowMs: number; readonly backoffMs: number; readonly spread: number }): void {
    const count = (this.#keys.get(key)?.count ?? 0) + 1;
    const pauseMs = at.backoffMs * 2 ** Math.min(count - 1, MOST_DOUBLINGS);
    this.#keys.delete(key);
    this.#keys.set(key, { count, untilMs: at.nowMs + pauseMs * (0.5 + at.spread / 2) });
    if (this.#keys.size <= MOST_KEYS) return;
    for (const oldest of this.#keys.keys()) {
      this.#keys.delete(oldest);
      return;
    }
  }
  succeeded(key: string): void {
    this.#keys.delete(key);
  }
  isPausing(key: string, nowMs: number): boolean {
    return (this.#keys.get(key)?.untilMs ?? 0) > nowMs;
  }
  clear(): void {
    this.#keys.clear();
  }
}
