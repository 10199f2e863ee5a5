import type { Labels } from '../model/labels.ts';
import { seriesKey } from '../model/labels.ts';
import type { SeriesRef } from '../model/sample-batch.ts';
import { compileMatcher, literalAlternatives } from './label-matcher.ts';
import type { Matcher, Selector } from './sample-store.ts';

/** What an index needs to know of a series. */
export interface IndexedSeries {
  readonly ref: SeriesRef;
  readonly name: string;
  readonly labels: Labels;
}

const NAME = '__name__';

/**
 * Finds series by name and labels: a hash map from the full identity, and for each label and value the list of series that carry it,
 * in order of arrival. A selector intersects the shortest lists first and tests what is left one by one; conditions that an absent label
 * meets (`!=`, `!~`, `=""`) never shorten a list, they only filter. Cost is the size of the shortest list, not of the store.
 */
export class SeriesIndex<S extends IndexedSeries> {
  readonly #byKey = new Map<string, S>();
  readonly #postings = new Map<string, Map<string, S[]>>();

  get size(): number {
    return this.#byKey.size;
  }
  find(name: string, labels: Labels): S | undefined {
    return this.#byKey.get(seriesKey(name, labels));
  }
  all(): Iterable<S> {
    return this.#byKey.values();
  }

  /** Metric names in order of arrival. */
  names(): string[] {
    return [...(this.#postings.get(NAME)?.keys() ?? [])];
  }

  /** The series must be new to the index. */
  add(series: S): void {
    this.#byKey.set(seriesKey(series.name, series.labels), series);
    this.#post(NAME, series.name, series);
    for (const label in series.labels) this.#post(label, series.labels[label] as string, series);
  }

  /** Looks at each list that any of them is in once. */
  removeAll(series: ReadonlySet<S>): void {
    const lists = new Map<string, Set<string>>();
    for (const { name, labels } of series) {
      this.#byKey.delete(seriesKey(name, labels));
      for (const [label, value] of [[NAME, name], ...Object.entries(labels)] as [string, string][])
        lists.set(label, (lists.get(label) ?? new Set<string>()).add(value));
    }
    for (const [label, values] of lists) for (const value of values) this.#unpost(label, value, series);
  }

  /** Matching series in order of arrival. @throws BellwetherError `query_invalid` for a bad regex. */
  select(selector: Selector): S[] {
    let candidates: readonly S[] | undefined;
    let narrowest: Matcher | undefined;
    for (const matcher of selector) {
      const list = this.#candidates(matcher);
      if (list === undefined || (candidates !== undefined && list.length >= candidates.length)) continue;
      candidates = list;
      narrowest = matcher;
    }
    // The list of an equality is exact: nothing is left to test, which halves the cost of selecting by name.
    const left = narrowest?.op === '=' ? selector.filter((matcher) => matcher !== narrowest) : selector;
    if (candidates !== undefined && left.length === 0) return [...candidates];
    const tests = left.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) }));
    const matching: S[] = [];
    for (const series of candidates ?? this.#byKey.values()) {
      if (tests.every(({ label, test }) => test(label === NAME ? series.name : (series.labels[label] ?? '')))) matching.push(series);
    }
    return matching;
  }

  /** A list that holds every series the matcher can match, `undefined` when all can. */
  #candidates(matcher: Matcher): readonly S[] | undefined {
    const lists = this.#postings.get(matcher.label);
    if (matcher.op === '=') return matcher.value === '' ? undefined : (lists?.get(matcher.value) ?? []);
    if (matcher.op !== '=~') return undefined;
    const test = compileMatcher(matcher);
    if (test('')) return undefined;
    if (lists === undefined) return [];
    const values = literalAlternatives(matcher.value) ?? [...lists.keys()].filter((value) => test(value));
    if (values.length === 1) return lists.get(values[0] as string) ?? [];
    return [...new Set(values)].flatMap((value) => lists.get(value) ?? []).sort((a, b) => a.ref - b.ref);
  }

  #post(label: string, value: string, series: S): void {
    let lists = this.#postings.get(label);
    if (lists === undefined) this.#postings.set(label, (lists = new Map<string, S[]>()));
    const list = lists.get(value);
    if (list === undefined) lists.set(value, [series]);
    else list.push(series);
  }

  #unpost(label: string, value: string, gone: ReadonlySet<S>): void {
    const lists = this.#postings.get(label);
    const rest = lists?.get(value)?.filter((series) => !gone.has(series));
    if (lists === undefined || rest === undefined) return;
    if (rest.length > 0) lists.set(value, rest);
    else lists.delete(value);
    if (lists.size === 0) this.#postings.delete(label);
  }
}
