import { PolicyChooser } from './adaptive.ts';
import { POLICY_NAMES } from './candidates.ts';
import { type CurvePoint, MissRatioCurve } from './miss-ratio-curve.ts';
import type { PolicyName } from './policy.ts';

const LONGEST_RING = 512;
/** Entries that the curve's copy of the cache has at least, unless the whole cache is smaller; a quarter of a percent of a large cache. */
const CURVE_ENTRIES = 256;
const LOWEST_CURVE_RATIO = 0.0025;

/** What the store counts, of which the sample sees only a part. */
export interface StoreCounts {
  readonly reads: number;
  readonly misses: number;
  readonly evicted: number;
  readonly size: number;
}

/**
 * A fixed hash sample of the keys that are read, and what is learned from it: which policy to use and what other sizes would miss. Sampled hashes
 * gather in a ring of a few KB and are worked off when it is full, so that a read pays for a compare and, once in a hundred, for a store.
 */
export class TrafficSample {
  /** A hash is in the sample when its upper 24 bits are below this. */
  readonly sampledBelow: number;
  readonly capacity: number;
  readonly #curveRatio: number;
  readonly #chooser: PolicyChooser | undefined;
  readonly #ring: Int32Array;
  #inRing = 0;
  #policy: number;
  /** Made with the first full ring: many a small cache never sees one. */
  #curve: MissRatioCurve | undefined;
  #before: StoreCounts;

  /** @param counts What the store has counted so far. */
  constructor(capacity: number, policy: PolicyName | 'adaptive', counts: StoreCounts) {
    this.#before = counts;
    this.capacity = capacity;
    this.#chooser = policy === 'adaptive' ? new PolicyChooser(capacity) : undefined;
    this.#policy = policy === 'adaptive' ? (this.#chooser as PolicyChooser).current : POLICY_NAMES.indexOf(policy);
    this.#curveRatio = Math.min(1, Math.max(LOWEST_CURVE_RATIO, CURVE_ENTRIES / capacity));
    this.sampledBelow = Math.max(this.#curveRatio, this.#chooser?.sampleRatio ?? 0) * 2 ** 24;
    this.#ring = new Int32Array(Math.min(LONGEST_RING, Math.max(16, capacity >> 2)));
  }

  /** Position in `POLICY_NAMES` of the policy to use now. */
  get policy(): number {
    return this.#policy;
  }
  get curve(): readonly CurvePoint[] | undefined {
    return this.#curve?.points();
  }
  /** Takes in one sampled hash; returns whether the ring is full and `learn` is due. */
  add(hash: number): boolean {
    this.#ring[this.#inRing++] = hash;
    return this.#inRing === this.#ring.length;
  }
  /** Works the ring off. */
  learn(counts: StoreCounts): void {
    this.#inRing = 0;
    const before = this.#before;
    this.#before = counts;
    // A cache that evicts nothing needs no policy: its shadows rest.
    const isIdle = before.evicted === counts.evicted && before.size === counts.size;
    const chooser = this.#chooser;
    if (chooser !== undefined && !isIdle) {
      const below = chooser.sampleRatio * 2 ** 24;
      for (const hash of this.#ring) if (hash >>> 8 < below) chooser.access(hash);
      this.#policy = chooser.current;
    }
    this.#curve ??= new MissRatioCurve(this.capacity, this.#curveRatio, chooser === undefined ? this.#policy : undefined);
    this.#curve.add({ hashes: this.#ring, reads: counts.reads - before.reads, misses: counts.misses - before.misses });
  }
}
