import type { Labels } from '../model/labels.ts';
import type { SeriesDescriptor } from '../model/metric.ts';
import type { Exemplar } from '../model/sample-batch.ts';
import type { GaugeColumns } from './columns.ts';
import { bucketOf, FINEST_SCALE, upperBoundary } from './exponential-scale.ts';

/** Where the code that records runs: labels such as `trace_id` and `span_id`, `undefined` outside of any span. */
export type ExemplarSource = () => Labels | undefined;

interface Taken {
  readonly value: number;
  readonly atMs: number;
  readonly labels: Labels;
}

/**
 * The largest value of each interval of a histogram with the span it was recorded in: the one worth a look. Asked for only when a value is
 * the largest so far, which is seldom, so a record usually pays nothing.
 */
export class Exemplars {
  readonly #taken = new Map<number, Taken>();
  readonly #gauges: GaugeColumns;

  constructor(gauges: GaugeColumns) {
    this.#gauges = gauges;
  }

  /** Replaces the source; a source must not throw. */
  from(source: ExemplarSource): Disposable {
    const onHighest = (slot: number, value: number, atMs: number): void => {
      const labels = source();
      if (labels === undefined) this.#taken.delete(slot);
      else this.#taken.set(slot, { value, atMs, labels });
    };
    this.#gauges.onHighest = onHighest;
    return {
      [Symbol.dispose]: () => {
        if (this.#gauges.onHighest === onHighest) this.#gauges.onHighest = undefined;
      },
    };
  }

  /** Those since the last call, each under the bucket that holds it. @param seriesOf The histogram of a slot; `undefined` when it is gone. */
  take(seriesOf: (slot: number) => SeriesDescriptor | undefined): readonly Exemplar[] {
    const exemplars: Exemplar[] = [];
    for (const [slot, { value, atMs, labels }] of this.#taken) {
      const series = seriesOf(slot);
      if (series === undefined) continue;
      const le = value === 0 ? 0 : upperBoundary(bucketOf(value) >> FINEST_SCALE, 0);
      const bucket = { ...series, name: `${series.name}_bucket`, labels: { ...series.labels, le: String(le) } };
      exemplars.push({ series: bucket, value, atMs, labels });
    }
    this.#taken.clear();
    return exemplars;
  }
}
