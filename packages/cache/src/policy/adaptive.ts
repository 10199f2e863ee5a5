import { POLICY_NAMES } from './candidates.ts';
import { ShadowCache } from './shadow-cache.ts';

const COUNT = POLICY_NAMES.length;
/** Entries a shadow cache has at least, unless the whole cache is smaller. */
const SHADOW_ENTRIES = 128;
const LOWEST_RATE = 0.01;
/** What a comparison keeps of the past from one window to the next: a memory of about 33 windows, each as long as the shadow is large. */
const MEMORY = 0.97;
/** A gain counts when it exceeds so many standard deviations of the difference. */
const DEVIATIONS = 2;
/** Below this size a cache begins as plain LRU, which is what people expect of a small one; above, as S3-FIFO. */
const SMALL_CACHE = 1024;

/**
 * Chooses the policy from what each would have done.
 *
 * Idea: no policy is best everywhere (LRU loses everything on a loop, S3-FIFO on bursts, LIRS on a moving working set), but which is best for
 * this traffic can be measured: every policy runs on a shadow cache that sees a fixed hash sample of the keys, 1 % for a large cache,
 * and the sampled accesses on which two policies disagree are counted for each pair. The cache changes over when another policy won
 * significantly more of the disagreements than the present one (a sign test with exponentially fading memory, so a gain must be clear and
 * last). All policies order the same two lists, so changing over moves nothing and costs nothing.
 *
 * Why not mix experts per eviction (LeCaR, CACHEUS): they pay on every miss and adapt two policies only. Why not tune one window
 * (Caffeine's hill climbing): it follows noise, and measured up to 11 points below LRU. Cost: about 30 ns per policy and sampled access, in
 * batches; nothing while the cache evicts nothing. Limit: a shadow of 128 entries resolves gains of about half a point.
 *
 * Sampling: C. Waldspurger et al.: Efficient MRC construction with SHARDS. FAST 2015.
 */
export class PolicyChooser {
  /** Part of the keys that is sampled, above 0 up to 1. */
  readonly sampleRatio: number;
  readonly #shadows: readonly ShadowCache[];
  /** `#wins[a * COUNT + b]`: accesses that policy `a` hit and `b` missed. */
  readonly #wins = new Float64Array(COUNT * COUNT);
  readonly #hits = new Uint8Array(COUNT);
  readonly #windowLength: number;
  #inWindow = 0;
  #current: number;
  #changes = 0;

  /** @param sampleRatio Given where the sample is somebody else's. */
  constructor(capacity: number, sampleRatio: number = sampleRatioOf(capacity)) {
    this.sampleRatio = sampleRatio;
    const shadowCapacity = Math.max(1, Math.round(capacity * this.sampleRatio));
    this.#shadows = POLICY_NAMES.map((_name, policy) => new ShadowCache(shadowCapacity, policy));
    this.#windowLength = Math.max(32, shadowCapacity);
    this.#current = POLICY_NAMES.indexOf(capacity < SMALL_CACHE ? 'lru' : 's3-fifo');
  }
  /** Position in `POLICY_NAMES` of the policy to use now. */
  get current(): number {
    return this.#current;
  }
  /** Times the policy has changed. */
  get changes(): number {
    return this.#changes;
  }
  /** One sampled access. Returns whether the present policy would have hit. */
  access(hash: number): boolean {
    let hits = 0;
    for (let policy = 0; policy < COUNT; policy++) {
      const isHit = (this.#shadows[policy] as ShadowCache).access(hash) ? 1 : 0;
      this.#hits[policy] = isHit;
      hits += isHit;
    }
    if (hits > 0 && hits < COUNT) this.#countWins();
    const wasHit = this.#hits[this.#current] === 1;
    if (++this.#inWindow >= this.#windowLength) this.#decide();
    return wasHit;
  }

  #countWins(): void {
    for (let winner = 0; winner < COUNT; winner++) {
      if (this.#hits[winner] === 0) continue;
      for (let loser = 0; loser < COUNT; loser++) if (this.#hits[loser] === 0) (this.#wins[winner * COUNT + loser] as number)++;
    }
  }
  #decide(): void {
    this.#inWindow = 0;
    let best = this.#current;
    let bestLead = 0;
    for (let policy = 0; policy < COUNT; policy++) {
      const won = this.#wins[policy * COUNT + this.#current] as number;
      const lost = this.#wins[this.#current * COUNT + policy] as number;
      const lead = won - lost;
      if (lead <= bestLead || lead <= DEVIATIONS * Math.sqrt(won + lost)) continue;
      best = policy;
      bestLead = lead;
    }
    if (best !== this.#current) this.#changes++;
    this.#current = best;
    for (let pair = 0; pair < this.#wins.length; pair++) (this.#wins[pair] as number) *= MEMORY;
  }
}

/** Part of the keys to sample so that a shadow has `SHADOW_ENTRIES` entries or 1 % of them, whichever is more. */
function sampleRatioOf(capacity: number): number {
  return Math.min(1, Math.max(LOWEST_RATE, SHADOW_ENTRIES / capacity));
}
