import { seriesKey, type IncomingSeries, type Labels, type MetricMeta } from '@bellwether/monitor/engine';
import type { SeriesMemory } from './series-memory.ts';

/** A sample on its way in. */
export interface IncomingSample {
  readonly name: string;
  readonly labels: Labels;
  readonly meta?: MetricMeta;
  readonly atMs: number;
  readonly value: number;
}

interface Building {
  readonly name: string;
  readonly labels: Labels;
  readonly meta?: MetricMeta;
  timesMs: number[];
  values: number[];
}

/** Gathers samples by series, each series oldest first, whatever order they came in. Secrets in labels go. */
export class SeriesBuilder {
  readonly #series = new Map<string, Building>();
  readonly #memory: SeriesMemory;

  constructor(memory: SeriesMemory) {
    this.#memory = memory;
  }

  add(sample: IncomingSample): void {
    const key = seriesKey(sample.name, sample.labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      const { name, labels } = this.#memory.resolve(key, () => sample) ?? sample;
      const { meta } = sample;
      series = { name, labels, ...(meta === undefined ? {} : { meta }), timesMs: [], values: [] };
      this.#series.set(key, series);
    }
    series.timesMs.push(sample.atMs);
    series.values.push(sample.value);
  }

  build(): readonly IncomingSeries[] {
    for (const series of this.#series.values()) sortByTime(series);
    return [...this.#series.values()];
  }
}

function sortByTime(series: Building): void {
  const { timesMs, values } = series;
  if (timesMs.every((atMs, index) => index === 0 || (timesMs[index - 1] ?? 0) <= atMs)) return;
  const order = timesMs.map((_, index) => index).sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0));
  series.timesMs = order.map((index) => timesMs[index] ?? 0);
  series.values = order.map((index) => values[index] ?? 0);
}
