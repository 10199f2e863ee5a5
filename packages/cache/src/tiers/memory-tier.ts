import type { CacheClock } from '../base/clock.ts';
import { SystemClock } from '../base/system-clock.ts';
import type { LogEntry, LogPosition, LogSlice } from '../bus/invalidation-log.ts';
import type { FillRequest, InvalidateRequest, ReadReply, ReadRequest, StoredHead, TierConnection, TierReply } from './cache-tier.ts';

interface Lease {
  readonly token: string;
  readonly step: number;
  expiresAtMs: number;
}
interface Value {
  readonly head: StoredHead;
  readonly body: Uint8Array;
  readonly step: number;
  readonly expiresAtMs: number;
}

const STEPS_PER_REPLY = 64;

/**
 * The tier inside one process: the same rules as the Redis tier in plain code, for tests and as the model that the Redis one is held against. Connections
 * are made with `connect()`, one for each cache; `lose()` and `rewind()` play the server's accidents.
 */
export class MemoryTier {
  readonly #clock: CacheClock;
  readonly #logLength: number;
  readonly #mostTags: number;
  #incarnation = 1;
  #steps: LogEntry[] = [];
  #trimmed = 0;
  #floor = 0;
  #tags = new Map<string, number>();
  #values = new Map<string, Value>();
  #leases = new Map<string, Lease>();
  readonly #listeners = new Set<() => void>();

  constructor(options: { readonly clock?: CacheClock; readonly logLength?: number; readonly mostTags?: number } = {}) {
    this.#clock = options.clock ?? new SystemClock();
    this.#logLength = options.logLength ?? 10_000;
    this.#mostTags = options.mostTags ?? 100_000;
  }

  connect(): TierConnection {
    const waiting = new Set<() => void>();
    return {
      read: async (request) => this.#read(request),
      fillValue: async (request) => this.#fill(request),
      keepLease: async (key, token, leaseMs) => this.#keepLease(key, token, leaseMs),
      invalidate: async (request) => this.#invalidate(request),
      sync: async (since, limit) => this.#slice(since, limit),
      wait: (position, withinMs) => this.#wait(position, withinMs, waiting),
      hold: () => () => {},
      renew: () => {},
      close: () => {
        for (const end of waiting) end();
      },
    };
  }
  /** Everything is gone, as after FLUSHALL. */
  lose(): void {
    this.#renew();
    this.#values.clear();
    this.#leases.clear();
  }
  /** The last `count` steps never happened, as after a failover to a replica that lagged. Values that they removed stay removed. */
  rewind(count: number): void {
    for (const step of this.#steps.splice(this.#steps.length - count)) for (const tag of step.tags) this.#tags.delete(tag);
  }
  /** Values held, valid or not. */
  get size(): number {
    return this.#values.size;
  }

  get #end(): number {
    return this.#trimmed + this.#steps.length;
  }
  #renew(): void {
    this.#incarnation++;
    this.#steps = [];
    this.#trimmed = this.#floor = 0;
    this.#tags.clear();
    this.#values.clear();
    this.#leases.clear();
  }
  #position(): LogPosition {
    return { incarnation: String(this.#incarnation), seq: this.#end, mark: this.#markAt(this.#end) ?? '' };
  }
  #markAt(seq: number): string | undefined {
    return seq === 0 ? '' : this.#steps[seq - 1 - this.#trimmed]?.mark;
  }
  #slice(since: LogPosition, limit = STEPS_PER_REPLY): LogSlice {
    const isSame = since.incarnation === String(this.#incarnation);
    const mark = this.#markAt(since.seq);
    if (isSame && (since.seq > this.#end || (mark !== undefined && mark !== since.mark))) this.#renew();
    else if (isSame && mark !== undefined && since.seq >= this.#trimmed) {
      const entries = this.#steps.slice(since.seq - this.#trimmed, since.seq - this.#trimmed + limit);
      const seq = since.seq + entries.length;
      const position = { incarnation: since.incarnation, seq, mark: this.#markAt(seq) ?? '' };
      return { position, isContinuous: true, isCaughtUp: seq === this.#end, entries };
    }
    return { position: this.#position(), isContinuous: false, isCaughtUp: true, entries: [] };
  }
  #isValid(step: number, tags: readonly string[]): boolean {
    return step >= this.#floor && !tags.some((tag) => ancestry(tag).some((name) => (this.#tags.get(name) ?? 0) > step));
  }
  #live(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (value.expiresAtMs > this.#clock.monotonicMs() && this.#isValid(value.step, value.head.tags)) return value;
    this.#values.delete(key);
    return undefined;
  }
  #leaseOf(key: string): Lease | undefined {
    const lease = this.#leases.get(key);
    return lease !== undefined && lease.expiresAtMs > this.#clock.monotonicMs() ? lease : undefined;
  }

  #read(request: ReadRequest): ReadReply {
    const { key, token, leaseMs = 0 } = request;
    const log = this.#slice(request.since);
    const nowMs = this.#clock.monotonicMs();
    const value = this.#live(key);
    if (value !== undefined) return { log, kind: 'hit', head: value.head, body: value.body, leftMs: value.expiresAtMs - nowMs };
    if (token === undefined) return { log, kind: 'miss' };
    const holder = this.#leaseOf(key);
    if (holder !== undefined && originOf(holder.token) !== originOf(token)) return { log, kind: 'held' };
    this.#leases.set(key, { token, step: this.#end, expiresAtMs: nowMs + leaseMs });
    return { log, kind: 'leased' };
  }
  #fill(request: FillRequest): TierReply & { readonly wasKept: boolean } {
    const { key, token, head, body, ttlMs } = request;
    const log = this.#slice(request.since);
    const lease = this.#leaseOf(key);
    if (lease?.token !== token) return { log, wasKept: false };
    this.#leases.delete(key);
    if (!this.#isValid(lease.step, head.tags)) return { log, wasKept: false };
    this.#values.set(key, { head, body, step: lease.step, expiresAtMs: this.#clock.monotonicMs() + ttlMs });
    return { log, wasKept: true };
  }
  #keepLease(key: string, token: string, leaseMs: number): void {
    const lease = this.#leaseOf(key);
    if (lease?.token === token) lease.expiresAtMs = this.#clock.monotonicMs() + leaseMs;
  }
  #invalidate(request: InvalidateRequest): TierReply & { readonly removed: number } {
    const { keys, tags, isEverything, mark, token, leaseMs = 0 } = request;
    const log = this.#slice(request.since);
    const removed = keys.filter((key) => this.#live(key) !== undefined).length;
    this.#steps.push({ keys, tags, isEverything, mark });
    for (const key of keys) {
      this.#values.delete(key);
      this.#leases.delete(key);
    }
    for (const tag of tags) {
      this.#tags.delete(tag);
      this.#tags.set(tag, this.#end);
    }
    if (isEverything) {
      this.#floor = this.#end;
      this.#tags.clear();
    }
    // A Map's order is that of the last invalidation, oldest first.
    for (const [tag, step] of this.#tags) {
      if (this.#tags.size <= this.#mostTags) break;
      this.#tags.delete(tag);
      this.#floor = Math.max(this.#floor, step);
    }
    const excess = Math.max(0, this.#steps.length - this.#logLength);
    this.#steps.splice(0, excess);
    this.#trimmed += excess;
    if (token !== undefined)
      this.#leases.set(keys[0] as string, { token, step: this.#end, expiresAtMs: this.#clock.monotonicMs() + leaseMs });
    for (const ring of this.#listeners) ring();
    return { log, removed };
  }
  #wait(position: LogPosition, withinMs: number, waiting: Set<() => void>): Promise<void> {
    if (position.incarnation !== String(this.#incarnation) || position.seq < this.#end) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#listeners.delete(end);
        waiting.delete(end);
        resolve();
      };
      const timer = this.#clock.schedule(withinMs, end);
      this.#listeners.add(end);
      waiting.add(end);
    });
  }
}

function originOf(token: string): string {
  return token.slice(0, token.indexOf(':'));
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function ancestry(tag: string): string[] {
  const names: string[] = [];
  for (let at = tag.indexOf('/', 1); at !== -1; at = tag.indexOf('/', at + 1)) names.push(tag.slice(0, at));
  return [...names, tag];
}
