import type { PolicyName } from '../policy/policy.ts';
import type { WeightBound } from './weights.ts';

/** Counts of what left the store, by cause. */
export interface RemovalCounts {
  evicted: number;
  expired: number;
  invalidated: number;
  /** Values never let in, because each alone is heavier than the whole cache may be. */
  refused: number;
}

export interface WriteCounts {
  total: number;
  overwrites: number;
}

export interface MemoryStoreOptions {
  readonly maxEntries: number;
  readonly bound?: WeightBound | undefined;
  /** Whether each read of an entry begins its lifetime anew. @default false */
  readonly isSliding?: boolean;
  readonly policy: PolicyName | 'adaptive';
  /** Any 32 bits; keeps outsiders from choosing keys that collide. */
  readonly seed: number;
  readonly nowMs: number;
}
