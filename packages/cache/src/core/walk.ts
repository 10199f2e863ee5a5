import { FIRST_SLOT } from '../policy/slot-lists.ts';
import type { MemoryStore } from './memory-store.ts';

/** Slots looked at before the event loop gets its turn. */
export const SLOTS_PER_TURN = 1024;

/**
 * What `pick` makes of each entry held, live or kept as a stale one; `undefined` is passed over. Entries may come and go meanwhile: one that was there from
 * start to end comes exactly once, others once or not at all (an entry removed and written anew is another one). A thousand slots a turn.
 */
export async function* walk<T>(
  store: MemoryStore,
  nowMs: () => number,
  pick: (slot: number) => T | undefined,
): AsyncGenerator<T, void, undefined> {
  for (let slot = FIRST_SLOT; slot < store.endSlot; slot++) {
    if (slot % SLOTS_PER_TURN === 0) await turn();
    const picked = store.isHeldAt(slot, nowMs()) ? pick(slot) : undefined;
    if (picked !== undefined) yield picked;
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
