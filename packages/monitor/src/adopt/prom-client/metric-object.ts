import type { GivenLabels } from './label-table.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';
export type Aggregator = 'omit' | 'sum' | 'first' | 'min' | 'max' | 'average';

export interface Exemplar {
  readonly labelSet: GivenLabels;
  readonly value: number;
  readonly timestamp: number;
}

/** One line of the exposition before it is text. `sharedLabels` come after `labels`. */
export interface MetricValue {
  readonly value: number;
  readonly labels: GivenLabels;
  readonly sharedLabels?: GivenLabels;
  readonly metricName?: string;
  readonly exemplar?: Exemplar | undefined;
}

export interface MetricObject {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly aggregator: Aggregator;
  readonly values: readonly MetricValue[];
}

/** What a registry needs of a metric: ours, or one made of several workers'. */
export interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  get(): Promise<MetricObject>;
  reset(): void;
}
