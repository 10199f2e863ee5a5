import type { Ghosts } from './ghosts.ts';
import { LirsPolicy } from './lirs.ts';
import { LruPolicy } from './lru.ts';
import type { EvictionPolicy, PolicyName } from './policy.ts';
import { S3FifoPolicy } from './s3-fifo.ts';
import type { SlotLists } from './slot-lists.ts';

/** Every policy, in the order in which the adaptive one numbers them. */
export const POLICY_NAMES: readonly PolicyName[] = ['lru', 's3-fifo', 'lirs', 'lirs-narrow'];

/** One instance of each policy over the same lists: changing from one to another is choosing another element. */
export function everyPolicy(lists: SlotLists, ghosts: Ghosts): readonly EvictionPolicy[] {
  return [
    new LruPolicy(lists, ghosts),
    new S3FifoPolicy(lists, ghosts),
    new LirsPolicy(lists, ghosts, { name: 'lirs', newcomerRatio: 0.1 }),
    new LirsPolicy(lists, ghosts, { name: 'lirs-narrow', newcomerRatio: 0.01 }),
  ];
}
