import type { LogPosition } from './invalidation-log.ts';

/**
 * The bell that says "the log has grown". It carries no news itself: whoever hears it reads the log. So a bell that rings twice, late or not at
 * all costs time, never truth. Contract suite: `invalidation-bus.contract.ts`.
 */
export interface InvalidationBus {
  /**
   * Resolves when the log may have grown beyond `position` (at once if it has already), at the latest after about `withinMs`. Rejects when it cannot
   * listen. One call at a time.
   */
  wait(position: LogPosition, withinMs: number): Promise<void>;
}
