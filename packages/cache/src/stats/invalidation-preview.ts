import type { MemoryStore } from '../core/memory-store.ts';
import { walk } from '../core/walk.ts';
import type { TagSet } from '../tags/tag-registry.ts';
import type { InvalidationPreview } from '../types.ts';

/** How many entries an invalidation of `tags` would remove, and what it would cost to load them again. Changes nothing; goes through the whole cache. */
export async function previewInvalidation(store: MemoryStore, nowMs: () => number, tags: readonly string[]): Promise<InvalidationPreview> {
  const verdicts = new Map<TagSet, boolean>();
  const hasAny = (set: TagSet): boolean => set.names.some((own) => tags.some((tag) => own === tag || own.startsWith(`${tag}/`)));
  const loadMsOf = (slot: number): number | undefined => {
    const set = store.tagsAt(slot);
    if (set === undefined) return undefined;
    let isHit = verdicts.get(set);
    if (isHit === undefined) verdicts.set(set, (isHit = hasAny(set)));
    return isHit ? store.loadMs(slot) : undefined;
  };
  let entries = 0;
  let measuredEntries = 0;
  let totalMs = 0;
  for await (const loadMs of walk(store, nowMs, loadMsOf)) {
    entries++;
    if (loadMs > 0) measuredEntries++;
    totalMs += loadMs;
  }
  return { entries, measuredEntries, reloadSeconds: totalMs / 1000 };
}
