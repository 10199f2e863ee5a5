import type { Clock } from './clock.ts';

/** Others wait no longer than this and what they do themselves. */
const BREATH_MS = 10;

/** Gives way to whatever else waits for the thread, once what is at work has held it for a while; `undefined`: not yet. */
export type Breathe = () => Promise<void> | undefined;

/** For one piece of long work. Cheap to call often. A clock that stands still never gives way. */
export function breathing(clock: Clock): Breathe {
  let breathedAtMs = clock.monotonicMs();
  return () => {
    if (clock.monotonicMs() - breathedAtMs < BREATH_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        breathedAtMs = clock.monotonicMs();
        resolve();
      });
    });
  };
}
