import type {
  BatchObservableCallback,
  Counter,
  Gauge,
  Histogram,
  Meter,
  MeterProvider,
  MetricOptions,
  Observable,
  ObservableCallback,
  UpDownCounter,
} from '@opentelemetry/api';
import type { LabelSet } from '../../instruments/label-index.ts';
import type { Observe } from '../../instruments/observable.ts';
import type { InstrumentOptions, Registry } from '../../instruments/registry.ts';
import { toMetricName } from '../../model/labels.ts';
import { attributeLabels } from './attribute-labels.ts';

/**
 * OpenTelemetry's metrics API on our instruments: what a project or its libraries measure with `@opentelemetry/api` is recorded as any metric of
 * ours, without the SDK. A call costs what ours do with labels; attributes are translated once a set. Names are those our OTLP ingestion
 * gives: `http.server.request.duration` → `http_server_request_duration`. Meters of any name share the instruments; there are no views, and
 * histograms have our exponential buckets whatever `advice` says.
 */
export function createMeterProvider(registry: Registry): MeterProvider {
  const meter = new RegistryMeter(registry);
  return { getMeter: () => meter };
}

class RegistryMeter implements Meter {
  readonly #registry: Registry;
  readonly #batches = new Map<BatchObservableCallback, ReadonlySet<Observable>>();

  constructor(registry: Registry) {
    this.#registry = registry;
    registry.onDrain(() => this.#readBatches());
  }

  createCounter(name: string, options?: MetricOptions): Counter {
    const counter = this.#registry.counter(toMetricName(name), optionsOf(options));
    return { add: (value, attributes) => counter.add(value, attributes as LabelSet | undefined) };
  }
  createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter {
    const counter = this.#registry.upDownCounter(toMetricName(name), optionsOf(options));
    return { add: (value, attributes) => counter.add(value, attributes as LabelSet | undefined) };
  }
  createGauge(name: string, options?: MetricOptions): Gauge {
    const gauge = this.#registry.gauge(toMetricName(name), optionsOf(options));
    return { record: (value, attributes) => gauge.set(value, attributes as LabelSet | undefined) };
  }
  createHistogram(name: string, options?: MetricOptions): Histogram {
    const histogram = this.#registry.histogram(toMetricName(name), optionsOf(options));
    return { record: (value, attributes) => histogram.record(value, attributes as LabelSet | undefined) };
  }
  createObservableCounter(name: string, options?: MetricOptions): Observable {
    const counter = this.#registry.counter(toMetricName(name), optionsOf(options));
    return new RegistryObservable(this.#registry, (total, labels) => counter.reach(total, labels));
  }
  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return this.createObservableGauge(name, options);
  }
  createObservableGauge(name: string, options?: MetricOptions): Observable {
    const gauge = this.#registry.gauge(toMetricName(name), optionsOf(options));
    return new RegistryObservable(this.#registry, (value, labels) => gauge.set(value, labels));
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    this.#batches.set(callback, new Set(observables));
  }
  removeBatchObservableCallback(callback: BatchObservableCallback): void {
    this.#batches.delete(callback);
  }

  async #readBatches(): Promise<void> {
    const reads = Array.from(this.#batches, async ([callback, observables]) =>
      callback({
        observe: (metric, value, attributes) => {
          if (metric instanceof RegistryObservable && observables.has(metric)) metric.observe(value, attributes as LabelSet | undefined);
        },
      }),
    );
    await Promise.all(reads);
  }
}

/** Read by its callbacks at each drain while it has any. */
class RegistryObservable implements Observable {
  readonly observe: Observe;
  readonly #registry: Registry;
  readonly #reading = new Map<ObservableCallback, Disposable>();

  constructor(registry: Registry, observe: Observe) {
    this.#registry = registry;
    this.observe = observe;
  }
  addCallback(callback: ObservableCallback): void {
    if (this.#reading.has(callback)) return;
    const result = { observe: (value: number, attributes?: object) => this.observe(value, attributes as LabelSet | undefined) };
    this.#reading.set(
      callback,
      this.#registry.onDrain(() => callback(result)),
    );
  }
  removeCallback(callback: ObservableCallback): void {
    this.#reading.get(callback)?.[Symbol.dispose]();
    this.#reading.delete(callback);
  }
}

function optionsOf({ description, unit }: MetricOptions = {}): InstrumentOptions {
  return {
    translate: attributeLabels,
    ...(description === undefined ? {} : { help: description }),
    ...(unit === undefined ? {} : { unit }),
  };
}
