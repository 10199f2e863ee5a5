import type { LabelSet } from './label-index.ts';
import type { InstrumentOptions, Registry } from './registry.ts';

/** Takes one reading of an observable instrument. */
export type Observe = (value: number, labels?: LabelSet) => void;

/**
 * Reads a level at each drain instead of being told: queue lengths, pool sizes. `read` calls `observe` once for each series; what it throws,
 * or rejects with, is counted as `observer_failed`. Disposing ends it.
 */
export function observeGauge(registry: Registry, name: string, options: ObservableOptions): Disposable {
  const gauge = registry.gauge(name, options);
  return registry.onDrain(() => options.read((value, labels) => gauge.set(value, labels)));
}

/** As `observeGauge`, for a total that somebody else keeps. One that falls was reset and counts from 0 again. */
export function observeCounter(registry: Registry, name: string, options: ObservableOptions): Disposable {
  const counter = registry.counter(name, options);
  return registry.onDrain(() => options.read((total, labels) => counter.reach(total, labels)));
}

export interface ObservableOptions extends InstrumentOptions {
  readonly read: (observe: Observe) => void | Promise<void>;
}
