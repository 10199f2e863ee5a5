import { redactLabels, type Labels } from '@bellwether/monitor/engine';

/** A series as it is stored: its name legal, secrets taken out of its labels. */
export interface KnownSeries {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Series that senders described before, by what they send for them. Senders repeat the same labels with every sample; reading, judging and
 * redacting them costs ten times the sample itself, so it is done once. The same object is given each time, by which the store's writer
 * knows the series again, too. Full, it forgets everything: the next push describes what is still in use.
 */
export class SeriesMemory {
  readonly #known = new Map<string, KnownSeries | undefined>();
  readonly #capacity: number;

  /** @param capacity series at most, some 500 bytes each. @default 50,000 */
  constructor(capacity = 50_000) {
    this.#capacity = capacity;
  }

  /**
   * @param key what the sender sent, in one form.
   * @param read makes the series of it; `undefined` when its name or labels are not legal.
   */
  resolve(key: string, read: () => KnownSeries | undefined): KnownSeries | undefined {
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    const series = read();
    const clean = series === undefined ? undefined : { name: series.name, labels: redactLabels(series.labels) };
    if (this.#known.size >= this.#capacity) this.#known.clear();
    this.#known.set(key, clean);
    return clean;
  }
}
