import { systemClock } from '../../base/system-clock.ts';
import { isLabelName, isMetricName } from '../../model/labels.ts';
import { labelText, type GivenLabels } from './label-table.ts';
import type { Aggregator, Exemplar, MetricObject, MetricType, MetricValue, RegisteredMetric } from './metric-object.ts';
import { PROMETHEUS_CONTENT_TYPE, register, type Registry } from './registry.ts';

/** What every metric is made from, as in prom-client. */
export interface MetricConfiguration<T extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly T[];
  /** @default the global registry */
  readonly registers?: readonly Registry[] | undefined;
  /** How the metric of several cluster workers becomes one. @default 'sum' */
  readonly aggregator?: Aggregator;
  /** Called when the metric is read, to set its values; `this` is the metric. */
  // oxlint-disable-next-line typescript/no-explicit-any -- prom-client types `this` by the metric's own class
  readonly collect?: (this: any) => void | Promise<void>;
  readonly enableExemplars?: boolean;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What the four kinds share: the checks and texts of prom-client 15.1.3, registration, reading. */
export abstract class Metric<T extends string = string> implements RegisteredMetric {
  readonly name: string;
  readonly help: string;
  abstract readonly type: MetricType;
  readonly labelNames: readonly T[];
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  /** May be set later, as prom-client's own default metrics do. */
  collect: (() => void | Promise<void>) | undefined;
  readonly #registers: readonly Registry[];

  constructor(configuration: MetricConfiguration<T>) {
    if (!isObject(configuration)) throw new TypeError('constructor expected a config object');
    const { name, help, labelNames = [], collect } = configuration;
    if (!help) throw new Error('Missing mandatory help parameter');
    if (!name) throw new Error('Missing mandatory name parameter');
    if (!isMetricName(name)) throw new Error('Invalid metric name');
    if (!labelNames.every(isLabelName)) throw new Error('Invalid label name');
    if (collect !== undefined && collect !== null && typeof collect !== 'function')
      throw new Error('Optional "collect" parameter must be a function');
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = configuration.aggregator ?? 'sum';
    this.enableExemplars = configuration.enableExemplars === true;
    this.collect = collect?.bind(this);
    this.#registers = configuration.registers ?? [register];
  }

  /** Values as of now, without asking `collect`. */
  abstract read(): readonly MetricValue[];
  abstract reset(): void;

  async get(): Promise<MetricObject> {
    const pending = this.collect?.();
    if (pending instanceof Promise) await pending;
    return this.snapshot();
  }

  snapshot(): MetricObject {
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values: this.read() };
  }

  /** To be called last by constructors: from here on the metric is read. */
  protected register(): void {
    for (const registry of this.#registers) {
      if (this.enableExemplars && registry.contentType === PROMETHEUS_CONTENT_TYPE)
        throw new TypeError('Exemplars are supported only on OpenMetrics registries');
      registry.registerMetric(this);
    }
  }

  /** Labels from values in the declared order, or as an object. @throws {Error} for another number of values. */
  protected labelsOf(values: readonly unknown[]): GivenLabels {
    const [first] = values;
    if (isObject(first)) return first;
    const names = this.labelNames;
    if (names.length !== values.length)
      throw new Error(
        `Invalid number of arguments (${values.length}): "${values.join(', ')}" for label names (${names.length}): "${names.join(', ')}".`,
      );
    return Object.fromEntries(names.map((name, position) => [name, values[position]]));
  }
}

const LONGEST_EXEMPLAR = 128;

/** @throws {RangeError} for a label set over 128 characters. */
export function exemplarOf(labelSet: GivenLabels, value: number): Exemplar {
  const text = Object.entries(labelSet)
    .map(([name, label]) => `${name}${labelText(label)}`)
    .join('');
  if (text.length > LONGEST_EXEMPLAR) throw new RangeError('Label set size must be smaller than 128 UTF-8 chars');
  return { labelSet, value, timestamp: systemClock.nowMs() / 1000 };
}
