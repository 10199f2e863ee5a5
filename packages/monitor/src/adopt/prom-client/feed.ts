import { METRICS } from '../../instruments/catalogue.ts';
import type { ForeignSample } from '../../instruments/foreign-series.ts';
import type { Registry } from '../../instruments/registry.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricKind } from '../../model/metric.ts';
import { labelText } from './label-table.ts';

/** What is needed of a metric of prom-client, of its successors or of the shim, as `getMetricsAsJSON` gives it. */
export interface PromMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string | number;
  readonly values: readonly {
    readonly value: number;
    readonly metricName?: string | undefined;
    readonly labels: Readonly<Record<string, unknown>>;
  }[];
}

/** A registry of prom-client, @prometheus-io/client or one with their methods. */
export interface PromRegistry {
  getMetricsAsJSON(): Promise<readonly PromMetric[]>;
}

function labelsOf(given: Readonly<Record<string, unknown>>): Labels {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && value !== null && value !== '') labels[name] = labelText(value);
  return labels;
}

function kindOf(type: string | number, part: string): MetricKind {
  if (type === 'counter') return 'counter';
  if (type === 'histogram') return 'histogram';
  return type === 'summary' && /_(sum|count)$/.test(part) ? 'counter' : 'gauge';
}

/** What we measure by ourselves is left out. */
function* samplesOf(metrics: readonly PromMetric[]): Generator<ForeignSample> {
  for (const { name, help, type, values } of metrics) {
    if (METRICS[name] !== undefined) continue;
    for (const { value, metricName = name, labels } of values)
      yield { series: { name: metricName, labels: labelsOf(labels), meta: { kind: kindOf(type, metricName), unit: '', help } }, value };
  }
}

/**
 * Takes over a registry of prom-client (or one like it): its metrics become our series with their labels and help, histograms with the buckets they
 * have. They are read at each drain, and since reading is asynchronous there, told with the next one. Their own exposition goes on as before;
 * names that are ours (`process_resident_memory_bytes`) are left to us. Disposing ends it.
 */
export function adoptPromClient(registry: Registry, theirs: PromRegistry): Disposable {
  let newest: readonly PromMetric[] = [];
  let isReading = false;
  const read = async (): Promise<void> => {
    isReading = true;
    try {
      newest = await theirs.getMetricsAsJSON();
    } finally {
      isReading = false;
    }
  };
  void read().catch(() => {});
  const reading = registry.onDrain(() => (isReading ? undefined : read()));
  const adopted = registry.adopt(() => samplesOf(newest));
  return {
    [Symbol.dispose]() {
      reading[Symbol.dispose]();
      adopted[Symbol.dispose]();
    },
  };
}
