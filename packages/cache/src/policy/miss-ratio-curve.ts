import { PolicyChooser } from './adaptive.ts';
import { ShadowCache } from './shadow-cache.ts';

/** Sizes that are simulated, as multiples of the cache's own. */
const SCALES = [0.25, 0.5, 1, 2, 4] as const;
const PRESENT = SCALES.indexOf(1);
/** Groups of keys whose disagreement tells how far the sample can be trusted. */
const GROUPS = 16;
/** 97.5 % quantile of Student's t with 15 degrees of freedom: half the width of a 95 % interval in standard errors. */
const STUDENT = 2.131;
/** Simulated stretches that the curve remembers (with fading weight), in multiples of the cache's size in reads. */
const MEMORY_IN_SIZES = 1024;
/** Sizes' worth of reads before the curve says anything, so that the largest copy is warm. */
const LEARNT_AFTER = 8;
/** Reads that are simulated before the first rest: about 0.2 s of CPU in the life of a cache. */
const FIRST_STRETCH = 100_000;
/** Part of all reads that is simulated from then on. A small cache must be sampled closely, so it is simulated only now and then. */
const SIMULATED_RATIO = 0.002;
/** Sizes' worth of reads in a row that are simulated between two rests; the first of them only bring the copies up to date. */
const STRETCH = 16;
const REFRESHING = 4;
/** What the simulation itself may be off by, beside chance. */
const MODEL_ERROR = 0.005;

/** What a cache of another size would miss. Ratios are parts of all reads, 0 to 1. */
export interface CurvePoint {
  /** Size as a multiple of the present one: 0.25, 0.5, 1, 2 or 4. */
  readonly scale: number;
  readonly missRatio: number;
  /** Misses saved against the present size, as a part of all reads; negative: misses added. */
  readonly gain: number;
  /** Half the width of the 95 % interval of `gain` (and of `missRatio`, whose present value is measured). 0 at scale 1. */
  readonly error: number;
}

/** A stretch of traffic as the curve takes it in. */
export interface SampledTraffic {
  /** Hashes of keys that were read, in order; those in the curve's sample count. */
  readonly hashes: Int32Array;
  /** All reads of the stretch, and those of them that missed. */
  readonly reads: number;
  readonly misses: number;
}

interface Simulation {
  /** Reads a key and, on a miss, puts it in. Returns whether it was there. */
  access(hash: number): boolean;
}

/**
 * Miss ratios at 0.25 to 4 times the cache's size, while it runs.
 *
 * Idea: a cache that sees a fixed random part R of the keys and has R of the capacity misses what the whole would ("miniature simulation"). So five
 * small copies of the cache, its choice of policy included, run on the sampled reads. Misses are divided by R times *all* reads, not by the sampled
 * ones: whether a very hot key fell into the sample then hardly matters, since it never misses (the SHARDS-adj correction). What comes out as a
 * difference to the present size is added to the miss ratio that was measured there, so what no size can save (first reads, lifetimes,
 * invalidations) stays in. Keys fall into 16 groups by their hash; how far the groups disagree gives the interval. Two sizes are compared
 * group by group, so the interval of a gain is narrow. Weights fade: the curve is of the last 1,024 sizes' worth of reads that were simulated.
 *
 * Why not reuse distances (SHARDS proper, AET): they are right for LRU only. Cost: 1-2 µs per simulated read, in batches. The first 100,000 sampled reads
 * are all simulated, then at most 0.2 % of the reads: a small cache, which must be sampled closely, rests between stretches. Limits:
 * lifetimes, deletes and invalidations are not simulated, so where entries go that way a bigger size gains less than said.
 *
 * C. Waldspurger, N. Park, A. Garthwaite, I. Ahmad: Efficient MRC construction with SHARDS. FAST 2015. The same and T. Saemundsson: Cache
 * modeling and optimization using miniature simulations. USENIX ATC 2017.
 */
export class MissRatioCurve {
  readonly #sampleRatio: number;
  readonly #capacity: number;
  readonly #simulations: readonly Simulation[];
  /** Misses by scale and group, with fading weight, and the reads among which they were. */
  readonly #simulated = new Float64Array(SCALES.length * GROUPS);
  #simulatedReads = 0;
  #reads = 0;
  #misses = 0;
  #readsEver = 0;

  /** @param sampleRatio Part of the keys that is simulated, above 0 up to 1. @param policy Position in `POLICY_NAMES`; `undefined`: adaptive. */
  constructor(capacity: number, sampleRatio: number, policy: number | undefined) {
    this.#sampleRatio = sampleRatio;
    this.#capacity = capacity;
    this.#simulations = SCALES.map((scale) =>
      policy === undefined
        ? new PolicyChooser(capacity * scale, sampleRatio)
        : new ShadowCache(Math.max(1, Math.round(capacity * scale * sampleRatio)), policy),
    );
  }

  add({ hashes, reads, misses }: SampledTraffic): void {
    const fade = Math.exp(-reads / (this.#capacity * MEMORY_IN_SIZES));
    const sinceRest = this.#sizesSinceRest();
    this.#reads = this.#reads * fade + reads;
    this.#misses = this.#misses * fade + misses;
    this.#readsEver += reads;
    if (sinceRest < 0) return;
    const below = this.#sampleRatio * 2 ** 24;
    const sampled = hashes.filter((hash) => hash >>> 8 < below);
    if (sinceRest < REFRESHING) {
      for (const simulation of this.#simulations) for (const hash of sampled) simulation.access(hash);
      return;
    }
    for (let at = 0; at < this.#simulated.length; at++) (this.#simulated[at] as number) *= fade;
    this.#simulatedReads = this.#simulatedReads * fade + reads;
    this.#simulations.forEach((simulation, scale) => {
      for (const hash of sampled) if (!simulation.access(hash)) (this.#simulated[scale * GROUPS + groupOf(hash)] as number)++;
    });
  }
  /** Points in the order of their scales; `undefined` until 8 sizes' worth of reads have passed, so that the largest shadow is warm. O(1). */
  points(): readonly CurvePoint[] | undefined {
    if (this.#readsEver < LEARNT_AFTER * this.#capacity) return undefined;
    const sampledReads = this.#simulatedReads * this.#sampleRatio;
    const measured = this.#misses / this.#reads;
    return SCALES.map((scale, number) => {
      const saved = this.#missesOf(PRESENT).map((misses, group) => misses - (this.#missesOf(number)[group] as number));
      const missRatio = Math.min(1, Math.max(0, measured - sum(saved) / sampledReads));
      const isPresent = number === PRESENT;
      return { scale, missRatio, gain: measured - missRatio, error: isPresent ? 0 : MODEL_ERROR + halfWidth(saved) / sampledReads };
    });
  }
  #missesOf(scale: number): readonly number[] {
    return Array.from(this.#simulated.subarray(scale * GROUPS, (scale + 1) * GROUPS));
  }
  /** Sizes' worth of reads since the last rest; below 0 during one. */
  #sizesSinceRest(): number {
    const sinceFirst = this.#readsEver - FIRST_STRETCH / this.#sampleRatio;
    const rest = STRETCH * Math.max(0, this.#sampleRatio / SIMULATED_RATIO - 1);
    if (sinceFirst < 0 || rest === 0) return Infinity;
    return ((sinceFirst / this.#capacity) % (STRETCH + rest)) - rest;
  }
}

function groupOf(hash: number): number {
  return (hash >>> 4) & (GROUPS - 1);
}
function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
/** Half the 95 % interval of the sum of the groups, from their spread. */
function halfWidth(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return STUDENT * Math.sqrt((squares * values.length) / (values.length - 1));
}
