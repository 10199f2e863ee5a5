import type { CacheClock } from './clock.ts';

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const READS_PER_LOOK = 16;

/**
 * The host's clock. Its timers are unreferenced: they never keep a process alive. Asking the host costs as much as a cache hit, so monotonic time
 * is looked up once per 16 readings and whenever a millisecond of the event loop has passed: it is behind only inside a synchronous stretch of code,
 * by at most 15 readings. Whole milliseconds: V8 hands a small integer on as it is, and a fraction in an object of 16 bytes for each call.
 */
export class SystemClock implements CacheClock {
  #monotonicMs = 0;
  #readsLeft = 0;
  #isArmed = false;

  nowMs(): number {
    return Date.now();
  }
  monotonicMs(): number {
    if (--this.#readsLeft < 0) this.#look();
    return this.#monotonicMs;
  }
  random(): number {
    return Math.random();
  }
  schedule(delayMs: number, callback: () => void): { cancel(): void } {
    const handle = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  }
  #look(): void {
    this.#monotonicMs = Math.floor(performance.now());
    this.#readsLeft = READS_PER_LOOK - 1;
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.schedule(1, () => {
      this.#isArmed = false;
      this.#readsLeft = 0;
    });
  }
}
