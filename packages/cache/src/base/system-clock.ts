import type { CacheClock } from './clock.ts';

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The host's clock. Its timers are unreferenced: they never keep a process alive. */
export const systemClock: CacheClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  schedule: (delayMs, callback) => {
    const handle = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
