import type { CacheClock, CacheTimer } from '../base/clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that moves only when told. Timers fire in order; promises settle between them. */
export class FakeClock implements CacheClock {
  #wallOffsetMs: number;
  #monotonicMs = 1000;
  #seed: number;
  readonly #pending = new Set<Pending>();

  constructor(startMs: number = Date.UTC(2026, 0, 1), seed = 1) {
    this.#wallOffsetMs = startMs - this.#monotonicMs;
    this.#seed = seed;
  }
  nowMs(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }
  monotonicMs(): number {
    return this.#monotonicMs;
  }
  /** Mulberry32. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  schedule(delayMs: number, callback: () => void): CacheTimer {
    const pending: Pending = { dueMs: this.#monotonicMs + Math.max(0, delayMs), callback };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }
  get pendingTimers(): number {
    return this.#pending.size;
  }
  /** Moves on without letting promises settle: for synchronous tests. Timers that fall due fire. */
  skip(byMs: number): void {
    const targetMs = this.#monotonicMs + byMs;
    for (let next = this.#next(targetMs); next !== undefined; next = this.#next(targetMs)) this.#fire(next);
    this.#monotonicMs = targetMs;
  }
  async advance(byMs: number): Promise<void> {
    const targetMs = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.#next(targetMs); next !== undefined; next = this.#next(targetMs)) {
      this.#fire(next);
      await settle();
    }
    this.#monotonicMs = targetMs;
    await settle();
  }
  /** Moves the wall clock alone, as an administrator or NTP does. */
  skewBy(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #fire(pending: Pending): void {
    this.#monotonicMs = Math.max(this.#monotonicMs, pending.dueMs);
    this.#pending.delete(pending);
    pending.callback();
  }
  #next(targetMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending)
      if (pending.dueMs <= targetMs && (first === undefined || pending.dueMs < first.dueMs)) first = pending;
    return first;
  }
}

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
