import type { OutgoingSeries } from './write-encoders.ts';

interface Columns {
  readonly refs: readonly number[];
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** The samples of one request: a stretch of what waits, or a part of it. */
export class RequestSamples {
  readonly #columns: Columns;
  /** Positions in the columns, in order of time. */
  readonly #positions: readonly number[];

  /** @param to exclusive */
  constructor(columns: Columns, from: number, to: number) {
    this.#columns = columns;
    this.#positions = Array.from({ length: to - from }, (_, i) => from + i).sort(byTime(columns.timesMs));
  }

  get count(): number {
    return this.#positions.length;
  }

  /** By series, each in order of time and no instant twice: receivers refuse what goes back. */
  bySeries(): OutgoingSeries[] {
    const { refs, timesMs, values } = this.#columns;
    const bySeries = new Map<number, OutgoingSeries>();
    for (const position of this.#positions) {
      const ref = refs[position] as number;
      let series = bySeries.get(ref);
      if (series === undefined) bySeries.set(ref, (series = { ref, timesMs: [], values: [] }));
      if (series.timesMs.at(-1) === timesMs[position]) continue;
      series.timesMs.push(timesMs[position] as number);
      series.values.push(values[position] as number);
    }
    return [...bySeries.values()];
  }

  /** Earlier and later ones, by number; none for a single sample. */
  halves(): RequestSamples[] {
    if (this.count < 2) return [];
    const middle = this.count >> 1;
    return [this.#part(0, middle), this.#part(middle, this.count)];
  }

  #part(from: number, to: number): RequestSamples {
    const { refs, timesMs, values } = this.#columns;
    const positions = this.#positions.slice(from, to);
    const pick = (column: readonly number[]): number[] => positions.map((position) => column[position] as number);
    return new RequestSamples({ refs: pick(refs), timesMs: pick(timesMs), values: pick(values) }, 0, positions.length);
  }
}

function byTime(timesMs: readonly number[]): (a: number, b: number) => number {
  return (a, b) => (timesMs[a] as number) - (timesMs[b] as number);
}
