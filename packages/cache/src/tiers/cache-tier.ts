import type { InvalidationBus } from '../bus/invalidation-bus.ts';
import type { Invalidation, LogPosition, LogSlice } from '../bus/invalidation-log.ts';

/** What is kept beside a value. */
export interface StoredHead {
  readonly tags: readonly string[];
  /** See `TierEntry.keptForMs`. */
  readonly keptForMs: number;
  readonly loadMs: number;
}

/** Every answer brings what happened since the position its question named, so that one who talks to the tier never lags behind what it reads there. */
export interface TierReply {
  readonly log: LogSlice;
}

export interface ReadRequest {
  readonly since: LogPosition;
  readonly key: string;
  /** Asks for the lease of the key when there is no value; without it, a look-up only. `origin:number`. */
  readonly token?: string;
  /** How long the lease lasts unless kept, in ms. */
  readonly leaseMs?: number;
}

export type ReadOutcome =
  | { readonly kind: 'hit'; readonly head: StoredHead; readonly body: Uint8Array; readonly leftMs: number }
  /** Nothing valid, and no lease was asked for. */
  | { readonly kind: 'miss' }
  /** Nothing valid; the asker loads it and has the lease. */
  | { readonly kind: 'leased' }
  /** Nothing valid; another origin has the lease. */
  | { readonly kind: 'held' };

export type ReadReply = TierReply & ReadOutcome;

export interface FillRequest {
  readonly since: LogPosition;
  readonly key: string;
  readonly token: string;
  readonly head: StoredHead;
  readonly body: Uint8Array;
  /** > 0 */
  readonly ttlMs: number;
}

export interface InvalidateRequest extends Invalidation {
  readonly since: LogPosition;
  /** Unique name of this step: `origin:number`. */
  readonly mark: string;
  /** Takes the lease of the one key in `keys`, whoever has it. */
  readonly token?: string;
  readonly leaseMs?: number;
}

/**
 * Values, leases and the log of invalidations, shared by processes. Each method is one atomic step for all of them. Contract suite:
 * `cache-tier.contract.ts`.
 *
 * A value is *valid* while its incarnation lives and neither everything nor one of its tags, or a tag above one, was invalidated after the step at
 * which its lease was given. Any method may reject, and may have had its effect nevertheless.
 */
export interface CacheTier {
  /** A valid value, or the lease to make one. An origin that asks again gets its own lease anew: its older token then fills nothing. */
  read(request: ReadRequest): Promise<ReadReply>;
  /** Keeps a value if the token still has the lease and the value would be valid. Ends the lease. */
  fillValue(request: FillRequest): Promise<TierReply & { readonly wasKept: boolean }>;
  /** Prolongs the lease if the token has it, or ends it with 0. */
  keepLease(key: string, token: string, leaseMs: number): Promise<void>;
  /** Writes one step to the log; values and leases of `keys` go. `removed`: valid values among them. */
  invalidate(request: InvalidateRequest): Promise<TierReply & { readonly removed: number }>;
  /** At most `limit` steps after a position. */
  sync(since: LogPosition, limit: number): Promise<LogSlice>;
}

/** A tier with its bell, and what it takes to end both. */
export interface TierConnection extends CacheTier, InvalidationBus {
  /** Keeps the process alive until the returned function is called: somebody waits for an answer. Without it nothing here does. */
  hold(): () => void;
  /** Drops connections that may be dead without knowing it; the next command opens new ones. */
  renew(): void;
  /** Lets go of everything it opened. May be called twice; nothing is asked afterwards. */
  close(): void;
}
