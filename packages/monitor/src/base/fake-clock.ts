import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that moves only when told. Timers fire in order of their due time; microtasks run between them, so code that
 * awaits inside a timer behaves as it would in real time.
 */
export class FakeClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  #order = 0;
  #seed: number;
  readonly #pending = new Set<Pending>();

  /** @param startMs Wall time at the start. @param seed Seed of `random()`. */
  constructor(startMs: number = Date.UTC(2026, 0, 1), seed = 1) {
    this.#nowMs = startMs;
    this.#seed = seed;
  }

  nowMs(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    return this.#monotonicMs;
  }
  /** Mulberry32: small, seedable, good enough for tests. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  schedule(delayMs: number, callback: () => void): Timer {
    const pending: Pending = { dueMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(pending);
    const cancel = (): void => void this.#pending.delete(pending);
    return { cancel, [Symbol.dispose]: cancel };
  }
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const timer = this.schedule(delayMs, resolve);
      signal?.addEventListener('abort', () => (timer.cancel(), reject(signal.reason)), { once: true });
    });
  }

  /** Number of timers not yet fired or cancelled: zero after everything was disposed. */
  get pendingTimers(): number {
    return this.#pending.size;
  }
  /** Moves both clocks forward by `byMs`, firing what falls due, and lets promises settle. */
  async advance(byMs: number): Promise<void> {
    const targetMs = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.#next(targetMs); next !== undefined; next = this.#next(targetMs)) {
      this.#moveTo(next.dueMs);
      this.#pending.delete(next);
      next.callback();
      await settle();
    }
    this.#moveTo(targetMs);
    await settle();
  }
  /** Sets the wall clock without moving monotonic time: what an NTP step or an administrator does. */
  jumpTo(wallMs: number): void {
    this.#nowMs = wallMs;
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
  #next(targetMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > targetMs) continue;
      if (first === undefined || pending.dueMs < first.dueMs || (pending.dueMs === first.dueMs && pending.order < first.order))
        first = pending;
    }
    return first;
  }
}

/** Lets every promise that can settle now do so, including those behind one turn of real I/O such as SQLite's or a stream's. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
