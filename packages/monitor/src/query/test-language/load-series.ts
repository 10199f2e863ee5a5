import type { SampleStore } from '../../store/sample-store.ts';
import { METRIC_NAME } from '../context/frame.ts';
import { writeStaleAt } from '../../model/stale-marker.ts';
import { queryInvalid } from '../parse/query-error.ts';
import type { NotatedSeries } from './series-notation.ts';

/** Puts notated series into a store: the value at index i at `startMs + i · stepMs`. @throws BellwetherError `query_invalid` when the store refuses a series or a sample */
export function loadSeries(
  store: SampleStore,
  series: readonly NotatedSeries[],
  times: { readonly startMs: number; readonly stepMs: number },
): void {
  for (const { labels, values } of series) {
    const { [METRIC_NAME]: name = '', ...rest } = labels;
    const ref = store.ref({ name, labels: rest });
    if (ref === undefined) throw queryInvalid(`The store refuses the series ${name}`, 0);
    const given = values.flatMap((value, i) => (value === undefined ? [] : [i]));
    const samples = Float64Array.from(given, (i) => (values[i] === 'stale' ? 0 : (values[i] as number)));
    given.forEach((i, k) => {
      if (values[i] === 'stale') writeStaleAt(samples, k);
    });
    const { length } = given;
    const { dropped } = store.append({
      length,
      refs: new Uint32Array(length).fill(ref),
      timesMs: Float64Array.from(given, (i) => times.startMs + i * times.stepMs),
      values: samples,
    });
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    if (lost > 0) throw queryInvalid(`The store refuses ${lost} samples of ${name}`, 0);
  }
}
