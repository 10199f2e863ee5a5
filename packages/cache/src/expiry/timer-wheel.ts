const LEVELS = 5;
const BUCKETS = 64;
/** Milliseconds of one bucket per level: 1 s, 66 s, 70 min, 3.1 days, 199 days; the last level spans 35 years. */
const TICK_MS = [2 ** 10, 2 ** 16, 2 ** 22, 2 ** 28, 2 ** 34] as const;

/**
 * Hierarchical timer wheel over slots.
 *
 * Idea: an entry hangs in a bucket whose width grows with the time it has left; as time enters a wide bucket its entries fall into narrower ones. So
 * setting, changing and removing an expiry are O(1), and each entry is touched at most once per level in its life, whereas a heap would cost
 * O(log n) a write and a scan O(n) a sweep. Buckets that time has reached are spliced whole (O(1)) into a list of candidates, which is drained in as
 * many steps as the caller likes: a million entries that expire together stall nobody. Expiry itself is exact, because reads compare the
 * time; the wheel only finds what can be given back. 16 bytes a slot, with its expiry.
 *
 * G. Varghese, T. Lauck: Hashed and hierarchical timing wheels. SOSP 1987.
 */
export class TimerWheel {
  /** Monotonic ms at which the entry in a slot expires; `Infinity`: never. */
  readonly expiresAtMs: Float64Array;
  /** Pairs (previous, next) of circular lists; nodes are the slots, then one sentinel per bucket, then the candidates'. */
  readonly #links: Int32Array;
  readonly #firstSentinel: number;
  readonly #candidates: number;
  readonly #lastTicks = new Float64Array(LEVELS);
  #nowMs: number;

  /** @param slots Slots are 0 to `slots` - 1. */
  constructor(slots: number, nowMs: number) {
    this.expiresAtMs = new Float64Array(slots).fill(Infinity);
    this.#links = new Int32Array((slots + LEVELS * BUCKETS + 1) * 2);
    this.#firstSentinel = slots;
    this.#candidates = slots + LEVELS * BUCKETS;
    this.#nowMs = nowMs;
    for (let level = 0; level < LEVELS; level++) this.#lastTicks[level] = Math.floor(nowMs / (TICK_MS[level] as number));
    this.clear();
  }

  clear(): void {
    this.expiresAtMs.fill(Infinity);
    this.#links.fill(-1, 0, this.#firstSentinel * 2);
    for (let sentinel = this.#firstSentinel; sentinel <= this.#candidates; sentinel++)
      this.#links.fill(sentinel, sentinel * 2, sentinel * 2 + 2);
  }
  /** Sets or changes when a slot expires. */
  set(slot: number, expiresAtMs: number): void {
    if (this.#links[slot * 2] !== -1) this.#unlink(slot);
    this.expiresAtMs[slot] = expiresAtMs;
    if (expiresAtMs !== Infinity) this.#link(slot, this.#bucketOf(expiresAtMs));
  }
  /** The slot is free: it expires no more. */
  remove(slot: number): void {
    this.expiresAtMs[slot] = Infinity;
    if (this.#links[slot * 2] !== -1) this.#unlink(slot);
  }
  /** Brings a slot that `takeExpired` gave up again at `againAtMs`; when it expired stays as it is. */
  hold(slot: number, againAtMs: number): void {
    this.#link(slot, this.#bucketOf(againAtMs));
  }
  /**
   * Next slot whose time has come, taken out of the wheel (give it back with `remove` or `set`, or `hold` it); -1 when `steps` candidates were looked at
   * in vain, and -2 when none is left.
   * The caller may go on at once, later, or never.
   */
  takeExpired(nowMs: number, steps: number): number {
    this.#advance(nowMs);
    for (let step = 0; step < steps; step++) {
      const slot = this.#links[this.#candidates * 2 + 1] as number;
      if (slot === this.#candidates) return -2;
      this.#unlink(slot);
      const expiresAtMs = this.expiresAtMs[slot] as number;
      if (expiresAtMs <= nowMs) return slot;
      this.#link(slot, this.#bucketOf(expiresAtMs));
    }
    return -1;
  }
  /** Whether `takeExpired` would have something to look at. */
  hasCandidates(nowMs: number): boolean {
    this.#advance(nowMs);
    return this.#links[this.#candidates * 2 + 1] !== this.#candidates;
  }
  /** Like `takeExpired`, but looks into no bucket that time reached less than a second ago: cheap enough for each write. */
  takeLongExpired(nowMs: number): number {
    const hasTicked = Math.floor(nowMs / TICK_MS[0]) !== this.#lastTicks[0];
    if (!hasTicked && this.#links[this.#candidates * 2 + 1] === this.#candidates) return -2;
    return this.takeExpired(nowMs, 4);
  }

  /** Splices every bucket that time has reached since the last call, the current ones included, into the candidates. */
  #advance(nowMs: number): void {
    if (nowMs <= this.#nowMs) return;
    this.#nowMs = nowMs;
    for (let level = 0; level < LEVELS; level++) {
      const tick = Math.floor(nowMs / (TICK_MS[level] as number));
      const last = this.#lastTicks[level] as number;
      this.#lastTicks[level] = tick;
      for (let passed = Math.max(last, tick - BUCKETS + 1); passed <= tick; passed++)
        this.#splice(this.#firstSentinel + level * BUCKETS + (passed % BUCKETS));
    }
  }
  #bucketOf(expiresAtMs: number): number {
    const leftMs = expiresAtMs - this.#nowMs;
    let level = 0;
    while (level < LEVELS - 1 && leftMs >= (TICK_MS[level] as number) * (BUCKETS - 1)) level++;
    const tick = Math.max(Math.floor(expiresAtMs / (TICK_MS[level] as number)), this.#lastTicks[level] as number);
    return this.#firstSentinel + level * BUCKETS + (tick % BUCKETS);
  }
  #link(slot: number, sentinel: number): void {
    const links = this.#links;
    const previous = links[sentinel * 2] as number;
    links[slot * 2] = previous;
    links[slot * 2 + 1] = sentinel;
    links[previous * 2 + 1] = slot;
    links[sentinel * 2] = slot;
  }
  #unlink(slot: number): void {
    const links = this.#links;
    const previous = links[slot * 2] as number;
    const next = links[slot * 2 + 1] as number;
    links[previous * 2 + 1] = next;
    links[next * 2] = previous;
    links[slot * 2] = -1;
  }
  #splice(sentinel: number): void {
    const links = this.#links;
    const first = links[sentinel * 2 + 1] as number;
    if (first === sentinel) return;
    const last = links[sentinel * 2] as number;
    const end = links[this.#candidates * 2] as number;
    links[end * 2 + 1] = first;
    links[first * 2] = end;
    links[last * 2 + 1] = this.#candidates;
    links[this.#candidates * 2] = last;
    links[sentinel * 2] = sentinel;
    links[sentinel * 2 + 1] = sentinel;
  }
}
