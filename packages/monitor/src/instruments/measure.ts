import type { Clock } from '../base/clock.ts';
import { toMetricName } from '../model/labels.ts';
import type { Timer } from './histogram.ts';
import { measuredGenerator, type Ends } from './measured-generator.ts';
import type { Registry } from './registry.ts';

/** Measures until the scope it is declared in ends; disposing again does nothing. */
export type MeasuredScope = Disposable & AsyncDisposable;

/**
 * Times an operation as metric `execution_time_<name>`, in ms. A failed one is recorded under `outcome="error"` and its error thrown on
 * unchanged; a returned promise is timed until it settles, a generator by the time inside its steps. A scope cannot see how it was left, so it records no outcome.
 */
export interface Measure {
  <T>(name: string, operation: () => T): T;
  (name: string): MeasuredScope;
}

export const EXECUTION_TIME = 'execution_time_';
const LONGEST_NAME = 150;
const FAILED = { outcome: 'error' } as const;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

class Scope implements MeasuredScope {
  readonly #timer: Timer;
  readonly #startedMs: number;
  #isOver = false;

  constructor(timer: Timer) {
    this.#timer = timer;
    this.#startedMs = timer.start();
  }
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.stop(this.#startedMs);
  }
  // Not async: the end of the scope is when it is left, not a microtask later.
  [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** @param options.clock Kept for callers that measure on another clock than the registry's. */
export function createMeasure(registry: Registry, _options: { readonly clock: Clock }): Measure {
  const timers = new Map<string, Timer>();
  const timerOf = (name: string): Timer => {
    const known = timers.get(name);
    if (known !== undefined) return known;
    const timer = registry.timer(
      EXECUTION_TIME + toMetricName((typeof name === 'string' ? name : 'unnamed').slice(0, LONGEST_NAME)).replace(/^_(?=\d)/, ''),
      {
        help: 'Time of a measured operation.',
      },
    );
    if (timers.size < 10_000) timers.set(name, timer);
    return timer;
  };

  function measure<T>(name: string, operation?: () => T): T | MeasuredScope {
    const timer = timerOf(name);
    if (operation === undefined) return new Scope(timer);
    const startedMs = timer.start();
    let result: T;
    try {
      result = operation();
    } catch (error) {
      timer.stop(startedMs, FAILED);
      throw error;
    }
    if (!isThenable(result)) {
      const generator = typeof result === 'object' ? measuredGenerator(result, () => timer.start(), generatorEnds(timer)) : undefined;
      if (generator !== undefined) return generator as T;
      timer.stop(startedMs);
      return result;
    }
    return watched(result, { succeeded: () => timer.stop(startedMs), failed: () => timer.stop(startedMs, FAILED) }) as T;
  }
  return measure;
}

function generatorEnds(timer: Timer): Ends {
  return { succeeded: (elapsedMs) => timer.record(elapsedMs), failed: (elapsedMs) => timer.record(elapsedMs, FAILED) };
}

/** The same promise, its end observed. Promises of other makers (query builders run when awaited) are wrapped, so that they run once. */
function watched(
  promise: PromiseLike<unknown>,
  ends: { readonly succeeded: () => void; readonly failed: () => void },
): PromiseLike<unknown> {
  if (promise instanceof Promise) {
    promise.then(ends.succeeded, ends.failed);
    return promise;
  }
  return Promise.resolve(promise).then(
    (value) => (ends.succeeded(), value),
    (error: unknown) => {
      ends.failed();
      throw error;
    },
  );
}
