import type { Labels } from '../model/labels.ts';
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

/** The series that carry a value of a label, in order of arrival. */
interface Posting<S> {
  /** What the pair of label and value adds to the hash of a series. */
  readonly hash: number;
  series: S[];
}

/** Up to this length a list is made anew with each series that joins it: an array that grows takes room for 16 more, and most lists stay short. */
const SHORT = 8;

/**
 * Finds series by name and labels: for each label and value the list of series that carry it, in order of arrival, and a hash table from the
 * full identity. A selector intersects the shortest lists first and tests what is left one by one; conditions that an absent label meets
 * (`!=`, `!~`, `=""`) never shorten a list, they only filter. Cost is the size of the shortest list, not of the store.
 *
 * The hash of a series is the sum of what its labels add, each a scrambled number that the index gave to the pair of label and value when it came:
 * no string is made to find a series, none is kept for it, and the order of labels does not matter. Series of equal hash lie one place further.
 */
export class SeriesIndex<S extends IndexedSeries> {
  readonly #byHash = new Map<number, S>();
  readonly #postings = new Map<string, Map<string, Posting<S>>>();
  readonly #scramble: (pair: number) => number;
  #pairs = 0;

  /** @param scramble spreads the numbers of pairs over 32 bits. @default well */
  constructor(scramble: (pair: number) => number = scrambled) {
    this.#scramble = scramble;
  }

  get size(): number {
    return this.#byHash.size;
  }
  find(name: string, labels: Labels): S | undefined {
    const hash = this.#hashOf(name, labels);
    return hash === undefined ? undefined : this.#byHash.get(this.#placeOf(hash, name, labels));
  }
  all(): Iterable<S> {
    return this.#byHash.values();
  }

  /** Metric names in order of arrival. */
  names(): string[] {
    return [...(this.#postings.get(NAME)?.keys() ?? [])];
  }

  /** The series must be new to the index. */
  add(series: S): void {
    let hash = this.#post(NAME, series.name, series);
    for (const label in series.labels) {
      const value = series.labels[label] as string;
      if (value !== '') hash += this.#post(label, value, series);
    }
    this.#place(hash | 0, series);
  }

  /** Looks at each list that any of them is in once. */
  removeAll(series: ReadonlySet<S>): void {
    const lists = new Map<string, Set<string>>();
    for (const one of series) {
      this.#displace(one);
      for (const [label, value] of [[NAME, one.name], ...Object.entries(one.labels)] as [string, string][])
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
    for (const series of candidates ?? this.#byHash.values()) {
      if (tests.every(({ label, test }) => test(label === NAME ? series.name : valueOf(series.labels, label)))) matching.push(series);
    }
    return matching;
  }

  /** A list that holds every series the matcher can match, `undefined` when all can. */
  #candidates(matcher: Matcher): readonly S[] | undefined {
    const lists = this.#postings.get(matcher.label);
    if (matcher.op === '=') return matcher.value === '' ? undefined : (lists?.get(matcher.value)?.series ?? []);
    if (matcher.op !== '=~') return undefined;
    const test = compileMatcher(matcher);
    if (test('')) return undefined;
    if (lists === undefined) return [];
    const values = literalAlternatives(matcher.value) ?? [...lists.keys()].filter((value) => test(value));
    // Every series has a name: joining the lists of all names would put the whole store in order, to shorten nothing.
    if (matcher.label === NAME && values.length === lists.size && values.length > 1) return undefined;
    if (values.length === 1) return lists.get(values[0] as string)?.series ?? [];
    return [...new Set(values)].flatMap((value) => lists.get(value)?.series ?? []).sort((a, b) => a.ref - b.ref);
  }

  /** @returns what it adds to the hash of the series. */
  #post(label: string, value: string, series: S): number {
    let lists = this.#postings.get(label);
    if (lists === undefined) this.#postings.set(label, (lists = new Map<string, Posting<S>>()));
    const posting = lists.get(value);
    if (posting === undefined) {
      const hash = this.#scramble(this.#pairs++);
      lists.set(value, { hash, series: [series] });
      return hash;
    }
    if (posting.series.length < SHORT) posting.series = [...posting.series, series];
    else posting.series.push(series);
    return posting.hash;
  }

  #unpost(label: string, value: string, gone: ReadonlySet<S>): void {
    const lists = this.#postings.get(label);
    const posting = lists?.get(value);
    if (lists === undefined || posting === undefined) return;
    posting.series = posting.series.filter((series) => !gone.has(series));
    if (posting.series.length === 0) lists.delete(value);
    if (lists.size === 0) this.#postings.delete(label);
  }

  /** `undefined` when no series has one of the labels, so that there is none with all. */
  #hashOf(name: string, labels: Labels): number | undefined {
    let hash = this.#postings.get(NAME)?.get(name)?.hash;
    if (hash === undefined) return undefined;
    for (const label in labels) {
      const value = labels[label] as string;
      if (value === '') continue;
      const posting = this.#postings.get(label)?.get(value);
      if (posting === undefined) return undefined;
      hash += posting.hash;
    }
    return hash | 0;
  }

  /** Where the series is, or would be. */
  #placeOf(hash: number, name: string, labels: Labels): number {
    let place = hash;
    for (let series = this.#byHash.get(place); series !== undefined; series = this.#byHash.get(place)) {
      if (series.name === name && isSame(series.labels, labels)) return place;
      place = (place + 1) | 0;
    }
    return place;
  }

  #place(hash: number, series: S): void {
    this.#byHash.set(this.#placeOf(hash, series.name, series.labels), series);
  }

  /** Takes a series out, and moves up those behind it that may have given way to it. */
  #displace({ name, labels }: S): void {
    const hash = this.#hashOf(name, labels);
    if (hash === undefined) return;
    let place = this.#placeOf(hash, name, labels);
    this.#byHash.delete(place);
    for (;;) {
      place = (place + 1) | 0;
      const next = this.#byHash.get(place);
      if (next === undefined) return;
      this.#byHash.delete(place);
      this.#place(this.#hashOf(next.name, next.labels) as number, next);
    }
  }
}

/** Empty without the label; also for one that every object seems to have, such as `constructor`. */
function valueOf(labels: Labels, label: string): string {
  const value: unknown = labels[label];
  return typeof value === 'string' ? value : '';
}

/** Whether labels are the same, but for empty ones, which are no labels. */
function isSame(stored: Labels, labels: Labels): boolean {
  let left = 0;
  for (const label in stored) if (stored[label] !== '') left++;
  for (const label in labels) {
    const value = labels[label] as string;
    if (value === '') continue;
    if (stored[label] !== value) return false;
    left--;
  }
  return left === 0;
}

/** A whole number of 32 bits for each, those of neighbours far apart. The last step of MurmurHash3. */
function scrambled(number: number): number {
  let bits = number + 1;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
