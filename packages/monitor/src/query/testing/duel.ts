import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { openEmbeddedStore } from '../../store/embedded-store.ts';
import { put } from '../../store/sample-store.contract.ts';
import type { SampleStore } from '../../store/sample-store.ts';
import { createQueryEngine } from '../create-query-engine.ts';
import type { QueryEngine } from '../query-engine.ts';
import { difference, ourAnswer, type Answer } from './compare-answers.ts';
import type { WrittenSeries } from './write-to-prometheus.ts';

/** Another engine to be compared with. */
export interface Oracle {
  write(series: readonly WrittenSeries[]): Promise<void>;
  instant(expression: string, atMs: number): Promise<Answer>;
  range(expression: string, times: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number }): Promise<Answer>;
}

/** Our engine over an embedded store and another one, with the same samples. */
export class Duel implements AsyncDisposable {
  readonly #oracle: Oracle;
  readonly #store: SampleStore;
  readonly query: QueryEngine;
  readonly #comparesNotes: boolean;

  constructor(oracle: Oracle, options: { readonly comparesNotes?: boolean } = {}) {
    const clock = new FakeClock(Date.now());
    this.#oracle = oracle;
    this.#comparesNotes = options.comparesNotes ?? true;
    this.#store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger });
    this.query = createQueryEngine({ store: this.#store, clock });
  }

  async write(series: readonly WrittenSeries[]): Promise<void> {
    for (const { name, labels, samples } of series) put(this.#store, { name, labels }, numbers(samples));
    await this.#oracle.write(series);
  }

  /** Every expression is asked for at the first instant and over the range. */
  async disagreements(
    expressions: readonly string[],
    times: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  ): Promise<string[]> {
    const found: string[] = [];
    const compare = (what: string, ours: Answer, theirs: Answer): void => {
      const text = difference(ours, theirs, { notes: this.#comparesNotes });
      if (text !== undefined) found.push(`${what}: ${text}`);
    };
    for (const expression of expressions) {
      const [instant, range] = await Promise.all([this.#oracle.instant(expression, times.fromMs), this.#oracle.range(expression, times)]);
      compare(`instant ${expression}`, await ourAnswer(() => this.query.instant(expression, times.fromMs)), instant);
      compare(`range ${expression}`, await ourAnswer(() => this.query.range(expression, times)), range);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}

/** Without stale markers, which the series of duels do not have. */
function numbers(samples: WrittenSeries['samples']): (readonly [number, number])[] {
  return samples.flatMap(([atMs, value]): (readonly [number, number])[] => (typeof value === 'number' ? [[atMs, value]] : []));
}
