/**
 * Tags as versions.
 *
 * Idea: an entry does not hang in a list per tag. Entries that carry the same tags share one `TagSet`, which remembers the state of the
 * tags when it was made; invalidating a tag marks its node and moves a global epoch on, and whoever next meets a set compares. So
 * invalidation is O(1) however many entries carry the tag, a hit costs one integer comparison however many tags it has (the set is checked
 * again only after something was invalidated), and no clock is involved. The price: entries of dead sets stay in memory until
 * they are met or swept, and counting them means going through the live sets (not the entries).
 *
 * Hierarchy: `market/456/orders` lies below `market/456` and `market`. A set therefore holds the nodes of its tags and of all their
 * ancestors; it dies with any of them. Nodes that nothing refers to are dropped.
 */
export class TagRegistry {
  readonly #nodes = new Map<string, TagNode>();
  readonly #singles = new Map<string, TagSet>();
  readonly #multiples = new Map<string, TagSet>();
  /** Sets by their id; 0 is none. */
  readonly #byId: (TagSet | undefined)[] = [undefined];
  readonly #freeIds: number[] = [];
  #epoch = 1;
  #deadEntries = 0;
  /** Names of nodes that were invalidated and may have no set left: kept for the loads under way. */
  readonly #remembered = new Set<string>();

  /** Number that grows with each invalidation. A load remembers it at its start. */
  get epoch(): number {
    return this.#epoch;
  }
  /** Entries in memory whose tags were invalidated. Looks at every set that was not looked at since the last invalidation. */
  countDeadEntries(): number {
    for (const sets of [this.#singles, this.#multiples]) for (const set of sets.values()) this.isLive(set);
    return this.#deadEntries;
  }

  /** The set of exactly these tags (order and repetition do not matter); the caller adds one to `entries` for each entry that carries it. */
  intern(tags: readonly string[]): TagSet {
    const names = tags.length === 1 ? tags : [...new Set(tags)].sort();
    const home = names.length === 1 ? this.#singles : this.#multiples;
    const key = names.length === 1 ? (names[0] as string) : names.map((name) => `${name.length}:${name}`).join('');
    const known = home.get(key);
    if (known !== undefined) {
      if (this.isLive(known)) return known;
      this.#drop(known);
    }
    const set = new TagSet({ id: this.#freeIds.pop() ?? this.#byId.length, key, names, nodes: this.#closure(names), epoch: this.#epoch });
    home.set(key, set);
    this.#byId[set.id] = set;
    for (const node of set.nodes) node.sets.add(set);
    return set;
  }

  /** The set with this id, while entries carry it. */
  setOf(id: number): TagSet | undefined {
    return this.#byId[id];
  }
  /** Whether no tag of the set was invalidated since it was made. O(1) unless something was invalidated since it was last asked. */
  isLive(set: TagSet): boolean {
    if (set.checkedEpoch === this.#epoch) return !set.dead;
    set.checkedEpoch = this.#epoch;
    if (set.dead || !set.nodes.some((node) => node.invalidatedEpoch > set.madeEpoch)) return !set.dead;
    set.dead = true;
    this.#deadEntries += set.entries;
    return false;
  }

  /** Kills every set that has `tags` or anything below them. O(number of tags). */
  invalidate(tags: readonly string[]): void {
    this.#epoch++;
    for (const tag of tags) {
      this.#node(tag).invalidatedEpoch = this.#epoch;
      this.#remembered.add(tag);
    }
  }
  /** Whether any of `tags`, or an ancestor of one, was invalidated after `epoch`. */
  invalidatedSince(tags: readonly string[], epoch: number): boolean {
    for (const tag of tags) for (const name of ancestry(tag)) if ((this.#nodes.get(name)?.invalidatedEpoch ?? 0) > epoch) return true;
    return false;
  }

  /** Live sets that have any of `tags`, themselves or below them. */
  setsWith(tags: readonly string[]): Set<TagSet> {
    const found = new Set<TagSet>();
    for (const tag of tags) for (const set of this.#nodes.get(tag)?.sets ?? []) if (this.isLive(set)) found.add(set);
    return found;
  }

  /** One entry less carries `set`. */
  release(set: TagSet): void {
    set.entries--;
    if (set.dead) this.#deadEntries--;
    if (set.entries > 0) return;
    this.#drop(set);
    this.#byId[set.id] = undefined;
    this.#freeIds.push(set.id);
  }
  /** Forgets a set that was made for an entry that then was not kept, unless others carry it. */
  dropUnused(set: TagSet | undefined): void {
    if (set === undefined) return;
    set.entries++;
    this.release(set);
  }
  /** Forgets every set (the caller has dropped every entry); nodes keep their epochs so that loads under way still notice. */
  clear(): void {
    this.#singles.clear();
    this.#multiples.clear();
    this.#deadEntries = 0;
    this.#byId.length = 1;
    this.#freeIds.length = 0;
    for (const node of this.#nodes.values()) node.sets.clear();
  }
  /** Forgets invalidations of tags that no entry carries. Call when no load is under way. O(tags invalidated since the last call). */
  prune(): void {
    for (const name of this.#remembered) if (this.#nodes.get(name)?.sets.size === 0) this.#nodes.delete(name);
    this.#remembered.clear();
  }
  #drop(set: TagSet): void {
    const home = set.names.length === 1 ? this.#singles : this.#multiples;
    if (home.get(set.key) === set) home.delete(set.key);
    for (const node of set.nodes) {
      node.sets.delete(set);
      // A set that died may be dropped twice, and its nodes may have had successors of the same name since.
      if (node.sets.size > 0 || this.#nodes.get(node.name) !== node) continue;
      if (node.invalidatedEpoch === 0) this.#nodes.delete(node.name);
      else this.#remembered.add(node.name);
    }
  }
  #closure(names: readonly string[]): TagNode[] {
    const nodes = new Set<TagNode>();
    for (const tag of names) for (const name of ancestry(tag)) nodes.add(this.#node(name));
    return [...nodes];
  }
  #node(name: string): TagNode {
    let node = this.#nodes.get(name);
    if (node === undefined) this.#nodes.set(name, (node = { name, invalidatedEpoch: 0, sets: new Set() }));
    return node;
  }
}

interface TagNode {
  readonly name: string;
  invalidatedEpoch: number;
  readonly sets: Set<TagSet>;
}

/** Entries that were already expired at a moment, counted as they leave memory. */
export interface ExpiredTally {
  readonly atMs: number;
  expired: number;
}

/** One combination of tags and the entries that carry it. */
export class TagSet {
  readonly id: number;
  readonly key: string;
  readonly names: readonly string[];
  readonly nodes: readonly TagNode[];
  readonly madeEpoch: number;
  checkedEpoch: number;
  dead = false;
  /** Entries in memory that carry this set. */
  entries = 0;
  /** Given while a deletion by tag finds out how many of its entries had expired before. */
  tally: ExpiredTally | undefined;
  constructor(options: {
    readonly id: number;
    readonly key: string;
    readonly names: readonly string[];
    readonly nodes: readonly TagNode[];
    readonly epoch: number;
  }) {
    this.id = options.id;
    this.key = options.key;
    this.names = options.names;
    this.nodes = options.nodes;
    this.madeEpoch = options.epoch;
    this.checkedEpoch = options.epoch;
  }
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function ancestry(tag: string): string[] {
  const names: string[] = [];
  for (let at = tag.indexOf('/'); at !== -1; at = tag.indexOf('/', at + 1)) if (at > 0) names.push(tag.slice(0, at));
  names.push(tag);
  return names;
}
