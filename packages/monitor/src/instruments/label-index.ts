/**
 * From the labels of one call to the slot of their series, without allocating.
 *
 * A trie over (label name, value) pairs in the order the caller wrote them. Each node remembers the one name its children are under, so a
 * call site of constant shape costs one Map look-up a label, on the raw value (a number stays a number). Two orders of the same labels
 * are two paths that end in one slot: a new path is made to point where the path of the *canonical* labels (redacted, sorted by name) ends. Paths are bounded as well as series, for many raw values may be redacted into one series.
 * O(labels) a call; a call that cannot be resolved (limits, bad values) takes the slow way each time and stays out of the trie.
 */
import { isLabelName, type Labels } from '../model/labels.ts';
import type { DropCounts } from './drop-counts.ts';
import { redactLabels } from './redact-labels.ts';

/** What callers may give as a label's value: made a string when the series is new; `null`, `undefined` and `''` leave the label out. */
export type LabelValue = string | number | boolean | bigint | null | undefined;
/** Labels as a caller gives them. */
export type LabelSet = Readonly<Record<string, LabelValue>>;

export const DROPPED = -1;
const UNSET = -2;
const LONGEST_VALUE = 1024;
const LONGEST_NAME = 128;
const MOST_LABELS = 30;
const PATHS_A_SERIES = 4;
const LEGAL_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint']);

type PathStep = readonly [name: string, value: LabelValue];
type Child = LabelNode | number;

/** A place in the trie with more below it. A place with nothing below is just its slot's number in the Map above. */
class LabelNode {
  slot = UNSET;
  /** Label name of `children`; the first seen here. */
  name = '';
  children: Map<LabelValue, Child> | undefined = undefined;
  others: Map<string, Map<LabelValue, Child>> | undefined = undefined;

  child(name: string, value: LabelValue): Child | undefined {
    const children = this.name === name ? this.children : this.others?.get(name);
    return children?.get(value);
  }

  /** Whether nothing is here or below. */
  get isBarren(): boolean {
    return this.slot === UNSET && this.others === undefined && (this.children?.size ?? 0) === 0;
  }

  childrenOf(name: string): Map<LabelValue, Child> {
    const known = this.name === name ? this.children : this.others?.get(name);
    if (known !== undefined) return known;
    const made = new Map<LabelValue, Child>();
    if (this.children === undefined) {
      this.name = name;
      this.children = made;
    } else (this.others ??= new Map()).set(name, made);
    return made;
  }
}

/** Stands for a place that is only a number: nothing is below it. */
const LEAF = new LabelNode();

/** A number where the text is one, so that a status given either way is one place more seldom. */
function canonicalValue(text: string): LabelValue {
  return /^(?:0|[1-9]\d{0,5})$/.test(text) ? Number(text) : text;
}

export interface LabelIndexOptions {
  readonly drops: DropCounts;
  /** Series at most, the one without labels and the overflow series not counted. */
  readonly maxSeries: number;
  /** Makes labels of a foreign model ours before they are judged, for a metric whose callers follow other rules. @default as given */
  readonly translate?: (given: LabelSet) => LabelSet;
  /** Makes the slot of a new series. */
  readonly create: (labels: Labels) => number;
}

/** Labels of the series that takes what exceeds a metric's limit. */
export const OVERFLOW_LABELS: Labels = Object.freeze({ overflow: 'true' });

export class LabelIndex {
  readonly #options: LabelIndexOptions;
  readonly #root = new LabelNode();
  #series = 0;
  #paths = 0;
  #overflow = UNSET;

  constructor(options: LabelIndexOptions) {
    this.#options = options;
  }

  /** Number of series with labels. */
  get series(): number {
    return this.#series;
  }

  /** Slot of the series with these labels, made when new; `DROPPED` when they are not legal. Never throws. */
  slotOf(labels: LabelSet): number {
    try {
      let node = this.#root;
      let { slot } = node;
      for (const name in labels) {
        const next = node.child(name, labels[name]);
        if (next === undefined) return this.#resolve(labels);
        if (typeof next === 'number') {
          slot = next;
          node = LEAF;
        } else {
          slot = next.slot;
          node = next;
        }
      }
      return slot === UNSET ? this.#resolve(labels) : slot;
    } catch {
      // A getter or proxy of the caller's threw.
      this.#options.drops.count('label_value');
      return DROPPED;
    }
  }

  #resolve(given: LabelSet): number {
    const labels = this.#legal(this.#options.translate?.(given) ?? given);
    if (labels === undefined) return DROPPED;
    const redacted = redactLabels(labels);
    const slot = this.#canonicalSlot(redacted);
    if (slot !== this.#overflow && this.#paths < this.#options.maxSeries * PATHS_A_SERIES) this.#addPath(given, slot);
    return slot;
  }

  /** The labels as strings, absent ones left out; `undefined`, and counted, when one is not legal. */
  #legal(given: LabelSet): Record<string, string> | undefined {
    const { drops } = this.#options;
    const labels: Record<string, string> = {};
    let count = 0;
    for (const name in given) {
      const value = given[name];
      if (value === undefined || value === null || value === '') continue;
      if (name.length > LONGEST_NAME || !isLabelName(name) || name.startsWith('__')) return (drops.count('label_name'), undefined);
      // The types say otherwise; callers without types do not.
      if (!LEGAL_TYPES.has(typeof value)) return (drops.count('label_value'), undefined);
      const text = String(value);
      if (text.length > LONGEST_VALUE) return (drops.count('label_value'), undefined);
      labels[name] = text.isWellFormed() ? text : text.toWellFormed();
      if (++count > MOST_LABELS) return (drops.count('label_limit'), undefined);
    }
    return labels;
  }

  #canonicalSlot(labels: Labels): number {
    const path = Object.keys(labels)
      .sort()
      .map((name): PathStep => [name, canonicalValue(labels[name] as string)]);
    const known = this.#find(path);
    if (known !== UNSET) return known;
    if (path.length > 0 && this.#series >= this.#options.maxSeries) return this.#overflowSlot();
    const slot = this.#options.create(labels);
    this.#set(path, slot);
    if (path.length > 0) this.#series++;
    return slot;
  }

  #find(path: readonly PathStep[]): number {
    let node = this.#root;
    let { slot } = node;
    for (const [name, value] of path) {
      const next = node.child(name, value);
      if (next === undefined) return UNSET;
      node = typeof next === 'number' ? LEAF : next;
      slot = typeof next === 'number' ? next : next.slot;
    }
    return slot;
  }

  #set(path: readonly PathStep[], slot: number): void {
    let node = this.#root;
    for (const [i, [name, value]] of path.entries()) {
      const children = node.childrenOf(name);
      const next = children.get(value);
      if (typeof next === 'object') node = next;
      else if (i === path.length - 1) return void children.set(value, slot);
      else {
        node = new LabelNode();
        node.slot = next ?? UNSET;
        children.set(value, node);
      }
    }
    node.slot = slot;
  }

  #overflowSlot(): number {
    this.#options.drops.count('series_limit');
    if (this.#overflow === UNSET) this.#overflow = this.#options.create(OVERFLOW_LABELS);
    return this.#overflow;
  }

  /** Removes series; their labels, given again, make new ones. O(everything in the index). */
  forget(slots: ReadonlySet<number>): void {
    this.#paths = Math.max(0, this.#paths - (this.#prune(this.#root, slots) - slots.size));
    this.#series -= slots.size;
  }

  /** Returns the number of paths that were removed. */
  #prune(node: LabelNode, slots: ReadonlySet<number>): number {
    let removed = 0;
    for (const children of node.others === undefined ? [node.children] : [node.children, ...node.others.values()]) {
      for (const [value, child] of children ?? []) {
        if (typeof child === 'object') removed += this.#prune(child, slots);
        const slot = typeof child === 'object' ? child.slot : child;
        if (slots.has(slot)) {
          removed++;
          if (typeof child === 'object') child.slot = UNSET;
        }
        if (typeof child === 'object' ? child.isBarren : slots.has(slot)) children?.delete(value);
      }
    }
    return removed;
  }

  #addPath(given: LabelSet, slot: number): void {
    const path = Object.entries(given);
    // An object would be known by its identity, which is another at each call.
    if (path.some(([, value]) => typeof value === 'object' && value !== null)) return;
    if (this.#find(path) === slot) return;
    this.#set(path, slot);
    this.#paths++;
  }
}
