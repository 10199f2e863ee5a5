import type { CacheClock, CacheTimer } from '../base/clock.ts';
import { CacheError } from '../base/errors.ts';
import type { Flight } from './flights.ts';

/** What may end one caller's wait before the load does. */
export interface Patience {
  readonly softTimeoutMs: number;
  readonly hardTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A value that may stand in for one that is being loaded. */
export interface StandIn {
  readonly value: unknown;
}

export interface WaitOptions {
  readonly clock: CacheClock;
  readonly patience: Patience;
  /** Any value still there; asked after the soft timeout. */
  readonly standIn: () => StandIn | undefined;
  /** A value that may answer instead of this error; asked when the load fails and at the hard timeout. */
  readonly grace: () => StandIn | undefined;
}

/** One caller's wait for a load: for its value, its error with no grace, a timeout or the caller's signal, whichever comes first. */
export function waitFor(flight: Flight, options: WaitOptions): Promise<unknown> {
  const { clock, patience, standIn, grace } = options;
  const { signal, softTimeoutMs, hardTimeoutMs } = patience;
  flight.passengers++;
  return new Promise((resolve, reject) => {
    const timers: CacheTimer[] = [];
    let hasLeft = false;
    const leave = (): void => {
      hasLeft = true;
      for (const timer of timers) timer.cancel();
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      leave();
      reject(signal?.reason);
      if (--flight.passengers === 0) flight.abort(signal?.reason);
    };
    const fail = (error: unknown): void => {
      if (hasLeft) return;
      leave();
      const instead = grace();
      if (instead === undefined) reject(error);
      else resolve(instead.value);
    };
    flight.promise.then((value) => {
      leave();
      resolve(value);
    }, fail);
    signal?.addEventListener('abort', abort, { once: true });
    if (softTimeoutMs < hardTimeoutMs)
      timers.push(
        clock.schedule(softTimeoutMs, () => {
          const instead = standIn();
          if (instead === undefined) return;
          leave();
          resolve(instead.value);
        }),
      );
    if (hardTimeoutMs < Infinity)
      timers.push(
        clock.schedule(hardTimeoutMs, () => {
          flight.isLate = true;
          fail(timedOut(flight.key, hardTimeoutMs));
        }),
      );
  });
}

function timedOut(key: string, hardTimeoutMs: number): CacheError {
  return new CacheError('cache_load_timeout', `Loading ${JSON.stringify(key)} took more than ${hardTimeoutMs} ms.`, {
    hint: 'The load goes on and is kept when it ends. Give staleIfError to be answered with the last value meanwhile.',
    details: { key, hardTimeoutMs },
  });
}
