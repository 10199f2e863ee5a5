import type { Exemplar } from '../model/sample-batch.ts';
import { compileMatcher } from '../store/label-matcher.ts';
import type { Selector } from '../store/sample-store.ts';

const MOST = 10_000;

/** The newest ten thousand exemplars, in memory: what they point to is kept for no longer. */
export class ExemplarRing {
  readonly #exemplars: Exemplar[] = [];
  #next = 0;

  add(exemplars: readonly Exemplar[]): void {
    for (const exemplar of exemplars) {
      this.#exemplars[this.#next] = exemplar;
      this.#next = (this.#next + 1) % MOST;
    }
  }

  /** Those of series that match any selector, oldest first. O(all that are kept). @throws BellwetherError `query_invalid` for a bad regex. */
  find(selectors: readonly Selector[], fromMs: number, toMs: number): readonly Exemplar[] {
    const tests = selectors.map((selector) => selector.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) })));
    return this.#exemplars
      .filter(
        ({ series, atMs }) =>
          atMs >= fromMs &&
          atMs <= toMs &&
          tests.some((all) => all.every(({ label, test }) => test(label === '__name__' ? series.name : (series.labels[label] ?? '')))),
      )
      .sort((left, right) => left.atMs - right.atMs);
  }
}
