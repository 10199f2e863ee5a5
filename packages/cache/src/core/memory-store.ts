import { TimerWheel } from '../expiry/timer-wheel.ts';
import { everyPolicy } from '../policy/candidates.ts';
import { Ghosts } from '../policy/ghosts.ts';
import type { CurvePoint } from '../policy/miss-ratio-curve.ts';
import type { EvictionPolicy, PolicyName } from '../policy/policy.ts';
import { CELL_SHIFT, FIRST_SLOT, NEXT, PROBATION, PROTECTED, SlotLists } from '../policy/slot-lists.ts';
import { type StoreCounts, TrafficSample } from '../policy/traffic-sample.ts';
import type { TagRegistry, TagSet } from '../tags/tag-registry.ts';
import { HashIndex } from './hash-index.ts';
import { LoadedColumns } from './loaded-columns.ts';
import type { MemoryStoreOptions, RemovalCounts, WriteCounts } from './store-types.ts';
import { hashString } from './string-hash.ts';
import { Weights } from './weights.ts';

/**
 * Entries by key, in slots of typed arrays.
 *
 * A slot's key and value lie side by side in one array, its hash, links and stamp in one line of `SlotLists`; the index holds slot numbers only. A
 * hit therefore touches four or five cache lines where a Map with a linked list beside it touches ten, nothing is allocated per
 * entry, and nothing is ever rehashed. Tags are looked at only while entries that lost theirs may still be in memory. Not the owner of time:
 * each call is told `nowMs`. Columns for expiry and tags come with the first entry that needs them: beside key and value 45 bytes an entry, 65 with both.
 */
export class MemoryStore {
  readonly removed: RemovalCounts = { evicted: 0, expired: 0, invalidated: 0, refused: 0 };
  /** Told of each entry that expires or is evicted, just before it goes. Must not touch the store. */
  onRemoval: ((key: string, cause: 'expired' | 'evicted') => void) | undefined;
  /** Writes, and those of them that met a live entry of the same key. */
  readonly written: WriteCounts = { total: 0, overwrites: 0 };
  readonly maxEntries: number;
  readonly #tags: TagRegistry;
  readonly #seed: number;
  readonly #lists: SlotLists;
  readonly #index: HashIndex;
  readonly #ghosts: Ghosts;
  readonly #policies: readonly EvictionPolicy[];
  readonly #options: MemoryStoreOptions;
  readonly #weights: Weights | undefined;
  /** Lifetime of each entry, which every read begins anew; only where expiry slides. */
  readonly #lifetimesMs: Float64Array | undefined;
  #sample: TrafficSample;
  #policy: EvictionPolicy;
  #reads = 0;
  #misses = 0;
  #pairs: unknown[] = [undefined, undefined, undefined, undefined];
  #wheel: TimerWheel | undefined;
  #tagIds: Int32Array | undefined;
  #loaded: LoadedColumns | undefined;
  #mayHoldDead = false;
  /** Of no meaning: what is read ahead must go somewhere, or it would be optimised away. */
  readonly #fetched = new Int32Array(1);
  #used = 0;
  #firstFree = 0;
  #size = 0;

  constructor(options: MemoryStoreOptions, tags: TagRegistry) {
    this.maxEntries = options.maxEntries;
    this.#options = options;
    this.#lifetimesMs = options.isSliding === true ? new Float64Array(options.maxEntries + FIRST_SLOT) : undefined;
    this.#weights = options.bound === undefined ? undefined : new Weights(options.bound, options.maxEntries + FIRST_SLOT);
    this.#tags = tags;
    this.#seed = options.seed;
    this.#lists = new SlotLists(options.maxEntries);
    this.#index = new HashIndex(this.#lists);
    this.#ghosts = new Ghosts(options.maxEntries);
    this.#policies = everyPolicy(this.#lists, this.#ghosts);
    this.#sample = new TrafficSample(options.maxEntries, options.policy, this.#counts());
    this.#policy = this.#policies[this.#sample.policy] as EvictionPolicy;
  }

  /** Entries held, the dead and expired ones that were not yet swept included. */
  get size(): number {
    return this.#size;
  }
  /** Weight of all entries held; `undefined` without a bound of bytes. */
  get bytes(): number | undefined {
    return this.#weights?.total;
  }
  /** The policy in use now. */
  get policyName(): PolicyName {
    return this.#policy.name;
  }
  /** What caches of other sizes would miss; `undefined` while learning. */
  get missRatioCurve(): readonly CurvePoint[] | undefined {
    return this.#sample.curve;
  }
  keyAt(slot: number): string {
    return this.#pairs[slot * 2] as string;
  }
  valueAt(slot: number): unknown {
    return this.#pairs[slot * 2 + 1];
  }
  expiresAtMs(slot: number): number {
    return this.#wheel === undefined ? Infinity : (this.#wheel.expiresAtMs[slot] as number);
  }
  /** When the value goes for good: its expiry, or later when it is kept as a stale one (physical expiry). */
  keptUntilMs(slot: number): number {
    return this.expiresAtMs(slot) + (this.#loaded?.keptForMs(slot) ?? 0);
  }
  /** Time the entry's last load took, in ms; 0 when its value was set. */
  loadMs(slot: number): number {
    return this.#loaded?.loadMs(slot) ?? 0;
  }
  tagsAt(slot: number): TagSet | undefined {
    return this.#tags.setOf(this.#tagIds?.[slot] ?? 0);
  }

  /** Slot of the live entry, which counts as used; 0 on a miss. */
  read(key: string, nowMs: number): number {
    const hash = hashString(key, this.#seed);
    this.#reads++;
    if (hash >>> 8 < this.#sample.sampledBelow && this.#sample.add(hash)) this.#learn();
    const slot = this.#find(key, hash);
    if (slot === 0 || !this.#keepsLive(slot, nowMs)) {
      this.#misses++;
      return 0;
    }
    this.#policy.touch(slot);
    if (this.#lifetimesMs !== undefined) this.#wheel?.set(slot, nowMs + (this.#lifetimesMs[slot] as number));
    return slot;
  }
  /** Slot of the live entry, not counted as a use; 0 on a miss. */
  peek(key: string, nowMs: number): number {
    const slot = this.#find(key, hashString(key, this.#seed));
    return slot !== 0 && this.#keepsLive(slot, nowMs) ? slot : 0;
  }
  /** Slot of the entry, live or kept beyond its expiry, not counted as a use; 0 when there is none, or its tags were invalidated. */
  peekKept(key: string, nowMs: number): number {
    const slot = this.#find(key, hashString(key, this.#seed));
    if (slot === 0 || this.keptUntilMs(slot) <= nowMs) return 0;
    return this.#mayHoldDead && this.#dropIfDead(slot) ? 0 : slot;
  }
  /**
   * Returns the entry's slot; 0 when the value is heavier than the cache may be: then nothing is kept. `expiresAtMs`: the logical expiry in monotonic
   * time, `Infinity` when it never expires. Five arguments, because an object of them is all that a write would allocate.
   */
  write(key: string, value: unknown, expiresAtMs: number, tags: TagSet | undefined, nowMs: number): number {
    const hash = hashString(key, this.#seed);
    if (this.#size >= this.maxEntries) this.#fetchAhead(hash);
    let slot = this.#find(key, hash);
    const weight = this.#weights?.weigh(key, value) ?? 0;
    if (weight < 0) {
      this.remove(key);
      this.removed.refused++;
      this.#tags.dropUnused(tags);
      return 0;
    }
    // Held from here on: making room may release the last other entry that carries the set.
    if (tags !== undefined) tags.entries++;
    if (this.#weights !== undefined) slot = this.#makeWay(this.#weights, slot, weight, nowMs);
    if (slot === 0) {
      slot = this.#takeSlot(nowMs);
      this.#lists.cells[slot << CELL_SHIFT] = hash;
      this.#pairs[slot * 2] = key;
      this.#index.insert(hash, slot);
      this.#policy.admit(slot);
      this.#size++;
    } else {
      if (this.expiresAtMs(slot) > nowMs) this.written.overwrites++;
      this.#policy.touch(slot);
    }
    this.#weights?.set(slot, weight);
    this.written.total++;
    this.#pairs[slot * 2 + 1] = value;
    this.#setTags(slot, tags);
    if (expiresAtMs !== Infinity) this.#wheel ??= new TimerWheel(this.maxEntries + FIRST_SLOT, nowMs);
    this.#wheel?.set(slot, expiresAtMs);
    if (this.#lifetimesMs !== undefined) this.#lifetimesMs[slot] = expiresAtMs - nowMs;
    this.#loaded?.forget(slot);
    return slot;
  }
  /** Says of an entry just written how long its value is kept as a stale one after its expiry, and how long it took to load. */
  describeLoad(slot: number, keptForMs: number, loadMs: number): void {
    this.#loaded ??= new LoadedColumns(this.maxEntries + FIRST_SLOT);
    this.#loaded.describe(slot, keptForMs, loadMs);
  }
  remove(key: string): boolean {
    const slot = this.#find(key, hashString(key, this.#seed));
    if (slot === 0) return false;
    this.#lists.remove(slot);
    this.#free(slot);
    return true;
  }
  clear(): void {
    this.#index.clear();
    this.#lists.clear();
    this.#ghosts.clear();
    this.#wheel?.clear();
    this.#pairs = [undefined, undefined, undefined, undefined];
    this.#tagIds?.fill(0);
    this.#tags.clear();
    this.#weights?.clear();
    this.#mayHoldDead = false;
    this.#used = this.#firstFree = this.#size = 0;
  }
  /** Some tag was invalidated: reads look at tags until the entries that lost theirs are swept. */
  expectDead(): void {
    this.#mayHoldDead = this.#tagIds !== undefined;
  }

  /** Looks at `steps` entries whose time may have come and removes those that have expired; returns how many. `hasExpired` says whether to go on. */
  expire(nowMs: number, steps: number): number {
    let count = 0;
    for (let step = 0; step < steps && this.#wheel !== undefined; step++) {
      const slot = this.#wheel.takeExpired(nowMs, 1);
      if (slot === -2) break;
      if (slot === -1 || this.#holds(slot, nowMs)) continue;
      this.#lists.remove(slot);
      this.#expired(slot);
      count++;
    }
    return count;
  }
  /** Whether there may be entries that had expired at `nowMs` and were not found by `expire` yet. O(1). */
  hasExpired(nowMs: number): boolean {
    return this.#wheel?.hasCandidates(nowMs) ?? false;
  }
  /**
   * Removes entries that lost their tags, from slot `from` on, until `budget` is spent (a slot looked at costs 1, one removed 16); returns where to go
   * on, 0 when done.
   */
  sweepDead(from: number, budget: number): number {
    if (!this.#mayHoldDead) return 0;
    const end = FIRST_SLOT + this.#used;
    let left = budget;
    let slot = Math.max(from, FIRST_SLOT);
    for (; slot < end && left > 0; slot++) left -= this.#dropIfDead(slot) ? 16 : 1;
    return slot < end ? slot : 0;
  }
  /** A whole pass of `sweepDead` with no invalidation in between has ended: reads need not look at tags. */
  forgetDead(): void {
    this.#mayHoldDead = false;
  }
  /** Slots from `FIRST_SLOT` to here, exclusive, may hold entries. */
  get endSlot(): number {
    return FIRST_SLOT + this.#used;
  }
  /** Whether the slot holds an entry whose tags are valid, live or kept as a stale one. */
  isHeldAt(slot: number, nowMs: number): boolean {
    if (this.#pairs[slot * 2] === undefined || this.keptUntilMs(slot) <= nowMs) return false;
    const tags = this.tagsAt(slot);
    return tags === undefined || this.#tags.isLive(tags);
  }
  /** Slots held, those the policy would keep longest first. O(n) at once, about 30 ms for a million. */
  slotsByHeat(): Int32Array {
    return this.#lists.youngestFirst();
  }
  /** Slots of live entries, in the order of their slots. Safe while entries come and go: each is looked at when its turn comes. */
  *live(nowMs: number): Generator<number> {
    for (let slot = FIRST_SLOT; slot < FIRST_SLOT + this.#used; slot++) {
      if (this.#pairs[slot * 2] === undefined || this.expiresAtMs(slot) <= nowMs) continue;
      const tags = this.tagsAt(slot);
      if (tags === undefined || this.#tags.isLive(tags)) yield slot;
    }
  }

  /** @throws {Error} when the structure contradicts itself. For tests; O(n). */
  checkInvariants(): void {
    const held = this.#pairs.filter((_item, at) => at % 2 === 0).filter((key) => key !== undefined).length;
    if (held !== this.#size || this.#lists.size !== this.#size || this.#size > this.maxEntries)
      throw new Error(`${held} keys, ${this.#lists.size} listed, size ${this.#size} of ${this.maxEntries}`);
    this.#weights?.check();
    for (let slot = FIRST_SLOT; slot < FIRST_SLOT + this.#used; slot++) {
      const key = this.#pairs[slot * 2] as string | undefined;
      if (key === undefined) continue;
      this.#index.checkSlot(slot);
      if (this.#find(key, hashString(key, this.#seed)) !== slot) throw new Error(`the index has lost ${key}`);
    }
  }

  #find(key: string, hash: number): number {
    const { table, mask, slotMask, hashMask } = this.#index;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = table[place] as number;
      if (entry === 0) return 0;
      if (((entry ^ hash) & hashMask) !== 0) continue;
      const slot = entry & slotMask;
      if (this.#pairs[slot * 2] === key) return slot;
    }
  }
  #keepsLive(slot: number, nowMs: number): boolean {
    if (this.#wheel !== undefined && (this.#wheel.expiresAtMs[slot] as number) <= nowMs) {
      if (this.keptUntilMs(slot) > nowMs) return false;
      this.#lists.remove(slot);
      this.#expired(slot);
      return false;
    }
    return !this.#mayHoldDead || !this.#dropIfDead(slot);
  }
  /** Whether an entry that the wheel gave up stays, as a stale one; it comes up again when its time is over. */
  #holds(slot: number, nowMs: number): boolean {
    const keptUntilMs = this.keptUntilMs(slot);
    if (keptUntilMs <= nowMs) return false;
    this.#wheel?.hold(slot, keptUntilMs);
    return true;
  }
  #dropIfDead(slot: number): boolean {
    const tags = this.tagsAt(slot);
    if (tags === undefined || this.#tags.isLive(tags)) return false;
    this.#lists.remove(slot);
    this.#free(slot);
    this.removed.invalidated++;
    return true;
  }
  /** A slot in no list and not in the index. What it held before (value, tags, expiry) is for the caller to write over. */
  #takeSlot(nowMs: number): number {
    if (this.#size >= this.maxEntries) {
      this.#lists.fits = this.maxEntries;
      return this.#makeRoom(nowMs);
    }
    const slot = this.#firstFree;
    if (slot === 0) return this.#newSlot();
    this.#firstFree = this.#lists.cells[(slot << CELL_SHIFT) + NEXT] as number;
    return slot;
  }
  #newSlot(): number {
    // V8 would grow the array by half each time and leave that half unused: past a quarter it gets its final length.
    if (this.#used * 4 === this.maxEntries - (this.maxEntries % 4)) this.#pairs.length = (this.maxEntries + FIRST_SLOT) * 2;
    return FIRST_SLOT + this.#used++;
  }
  /** Makes an entry leave a full cache, an expired one if there is any; returns its slot. */
  #makeRoom(nowMs: number): number {
    const expired = this.#wheel?.takeLongExpired(nowMs) ?? -2;
    const isExpired = expired > 0 && !this.#holds(expired, nowMs);
    const slot = isExpired ? expired : this.#policy.evict();
    if (isExpired) {
      this.#lists.remove(slot);
      this.removed.expired++;
    } else this.removed.evicted++;
    if (this.onRemoval !== undefined) this.onRemoval(this.keyAt(slot), isExpired ? 'expired' : 'evicted');
    this.#unindex(slot);
    return slot;
  }
  /** Makes entries leave until one of `weight` fits. Returns `own`, the slot of its key, or 0 when that one had to leave too. */
  #makeWay(weights: Weights, own: number, weight: number, nowMs: number): number {
    let slot = own;
    while (!weights.fits(slot, weight)) {
      const left = this.#makeRoom(nowMs);
      this.#recycle(left);
      if (left === slot) slot = 0;
      this.#lists.fits = Math.max(1, this.#size);
    }
    return slot;
  }
  /** A slot that is in no list leaves the index and is counted no more. */
  #unindex(slot: number): void {
    this.#index.remove(this.#lists.hashOf(slot), slot);
    this.#size--;
    this.#weights?.set(slot, 0);
  }
  /**
   * Looks at the four places in memory that a write into a full cache is about to need, all at once: in a large cache each is a cache miss, and
   * the processor waits for misses together that come together. Measured: a third off the time of such a write at a million entries.
   */
  #fetchAhead(hash: number): void {
    const leaving = this.#lists.hashOf(this.#lists.oldest(this.#lists.counts[PROBATION] > 0 ? PROBATION : PROTECTED));
    this.#fetched[0] = this.#index.peek(hash) ^ this.#index.peek(leaving) ^ this.#ghosts.peek(hash) ^ this.#ghosts.peek(leaving);
  }
  /** Gives back the slot of an entry that expired and is in no list any more. */
  #expired(slot: number): void {
    this.removed.expired++;
    this.onRemoval?.(this.keyAt(slot), 'expired');
    this.#free(slot);
  }
  /** Gives back a slot that is in no list any more. */
  #free(slot: number): void {
    this.#unindex(slot);
    this.#recycle(slot);
  }
  #recycle(slot: number): void {
    this.#pairs[slot * 2] = undefined;
    this.#pairs[slot * 2 + 1] = undefined;
    this.#setTags(slot, undefined);
    this.#wheel?.remove(slot);
    this.#loaded?.forget(slot);
    this.#lists.cells[(slot << CELL_SHIFT) + NEXT] = this.#firstFree;
    this.#firstFree = slot;
  }
  /** Takes over one count of `tags.entries` from the caller. */
  #setTags(slot: number, tags: TagSet | undefined): void {
    const before = this.#tagIds?.[slot] ?? 0;
    if (before === 0 && tags === undefined) return;
    this.#tagIds ??= new Int32Array(this.maxEntries + FIRST_SLOT);
    this.#tagIds[slot] = tags?.id ?? 0;
    const left = this.#tags.setOf(before);
    if (left === undefined) return;
    if (left.tally !== undefined && this.keptUntilMs(slot) <= left.tally.atMs) left.tally.expired++;
    this.#tags.release(left);
  }
  #counts(): StoreCounts {
    return { reads: this.#reads, misses: this.#misses, evicted: this.removed.evicted, size: this.#size };
  }
  #learn(): void {
    this.#sample.learn(this.#counts());
    this.#policy = this.#policies[this.#sample.policy] as EvictionPolicy;
    // Bounded by bytes, how many entries fit shows only now, and may change with what is kept.
    const { fits } = this.#lists;
    if (fits < this.#sample.capacity / 2 || fits > this.#sample.capacity * 2)
      this.#sample = new TrafficSample(fits, this.#options.policy, this.#counts());
  }
}
