import type { CacheClock } from '../base/clock.ts';
import type { LogPosition, LogSlice } from '../bus/invalidation-log.ts';
import type { FillRequest, InvalidateRequest, ReadReply, ReadRequest, TierConnection, TierReply } from '../tiers/cache-tier.ts';

/**
 * `refuse`: fails at once, nothing done. `hang`: never answers, nothing done. `late`: done, and answers `lateMs` after.
 * `lost`: done, and fails. `postponed`: done `lateMs` after, and answers then.
 */
export type Fault = 'refuse' | 'hang' | 'late' | 'lost' | 'postponed';

/** A connection with faults, one for all commands or chosen for each. */
export class ChaosTier implements TierConnection {
  commands = 0;
  fault: Fault | undefined;
  /** Chooses a fault for each command when set. */
  choose: (() => Fault | undefined) | undefined;
  lateMs = 500;
  /** The bell never rings. */
  isDeaf = false;
  readonly #inner: TierConnection;
  readonly #clock: CacheClock;

  constructor(inner: TierConnection, clock: CacheClock) {
    this.#inner = inner;
    this.#clock = clock;
  }
  /** The network is gone: nothing is done and nobody answers. */
  cut(): void {
    this.fault = 'hang';
    this.isDeaf = true;
  }
  mend(): void {
    this.fault = undefined;
    this.choose = undefined;
    this.isDeaf = false;
  }
  read(request: ReadRequest): Promise<ReadReply> {
    return this.#run(() => this.#inner.read(request));
  }
  fillValue(request: FillRequest): Promise<TierReply & { readonly wasKept: boolean }> {
    return this.#run(() => this.#inner.fillValue(request));
  }
  keepLease(key: string, token: string, leaseMs: number): Promise<void> {
    return this.#run(() => this.#inner.keepLease(key, token, leaseMs));
  }
  invalidate(request: InvalidateRequest): Promise<TierReply & { readonly removed: number }> {
    return this.#run(() => this.#inner.invalidate(request));
  }
  sync(since: LogPosition, limit: number): Promise<LogSlice> {
    return this.#run(() => this.#inner.sync(since, limit));
  }
  wait(position: LogPosition, withinMs: number): Promise<void> {
    this.commands++;
    return this.isDeaf ? new Promise(() => undefined) : this.#inner.wait(position, withinMs);
  }
  hold(): () => void {
    return this.#inner.hold();
  }
  renew(): void {
    this.#inner.renew();
  }
  close(): void {
    this.#inner.close();
  }

  async #run<T>(command: () => Promise<T>): Promise<T> {
    this.commands++;
    const fault = this.choose === undefined ? this.fault : this.choose();
    if (fault === 'refuse') throw new Error('refused');
    if (fault === 'hang') return await new Promise(() => undefined);
    if (fault === 'postponed') await this.#pause();
    const answer = await command();
    if (fault === 'late') await this.#pause();
    if (fault === 'lost') throw new Error('connection lost');
    return answer;
  }
  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#clock.schedule(this.lateMs * this.#clock.random(), resolve));
  }
}
