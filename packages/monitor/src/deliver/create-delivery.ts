import type { Clock } from '../base/clock.ts';
import { BellwetherError } from '../base/errors.ts';
import { randomIds, type IdSource } from '../base/ids.ts';
import { silentLogger, type Logger } from '../base/logger.ts';
import { createLeases, type Leases } from '../store/leases.ts';
import type { StateStore } from '../store/state-store.ts';
import type { Channel, Delivery, DeliveryRecord, Notification, SendOutcome } from './channel.ts';
import { ChannelSender } from './outbox/channel-sender.ts';
import type { Routing } from './routing/routing.ts';
import { Outbox } from './outbox/outbox.ts';

export interface DeliveryOptions {
  readonly state: StateStore;
  readonly clock: Clock;
  /** @default silent */
  readonly log?: Logger;
  /** Names are unique. Disposed of with the delivery. */
  readonly channels: readonly Channel[];
  /** Names test messages. @default random UUIDs */
  readonly ids?: IdSource;
  /** A send that takes longer has failed, > 0. @default 10,000 */
  readonly sendTimeoutMs?: number;
  /** Says what must wait for quiet hours to end. @default nothing */
  readonly routing?: Pick<Routing, 'isMuted'>;
}

/** A slow receiver must not hold up the caller of `pump`, which has rules to evaluate. */
const LONGEST_PUMP_MS = 1000;
/** What a lease lasts beyond the longest send. */
const LEASE_MARGIN_MS = 2000;

/**
 * Sends the outbox: at least once, with ids that stay the same over retries. What waited through an outage is told in one message of the latest state.
 * @throws RangeError for two channels of one name.
 */
export function createDelivery(options: DeliveryOptions): OutboxDelivery {
  checkNames(options.channels);
  return new OutboxDelivery(options);
}

function checkNames(channels: readonly Channel[]): void {
  const names = channels.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new RangeError('two channels have the same name');
}

/** The delivery with what its owner may do. */
export class OutboxDelivery implements Delivery {
  readonly #clock: Clock;
  readonly #ids: IdSource;
  readonly #outbox: Outbox;
  readonly #leases: Leases;
  readonly #isAlone: boolean;
  readonly #log: Logger;
  readonly #sendTimeoutMs: number;
  #senders: readonly ChannelSender[] = [];
  #isMuted: Routing['isMuted'] = () => false;
  #hasBuriedOrphans = false;

  constructor({ state, clock, log = silentLogger, channels, ids = randomIds, sendTimeoutMs = 10_000, routing }: DeliveryOptions) {
    this.#clock = clock;
    this.#ids = ids;
    this.#outbox = new Outbox(state);
    this.#leases = createLeases(state, { lastsMs: sendTimeoutMs + LEASE_MARGIN_MS });
    this.#isAlone = state.server === '';
    this.#log = log;
    this.#sendTimeoutMs = sendTimeoutMs;
    this.#open(channels, routing);
  }

  /**
   * Sends by other channels from now on. One that is among them again goes on undisturbed; the others finish what they are sending and are
   * disposed of.
   * @param gone Channels that no server has any more: what waits for them is given up.
   * @throws RangeError for two of one name
   */
  async replace(channels: readonly Channel[], routing: Pick<Routing, 'isMuted'>, gone: readonly string[] = []): Promise<void> {
    checkNames(channels);
    const leaving = this.#senders.filter(({ channel }) => !channels.includes(channel));
    await Promise.all(leaving.map((sender) => sender[Symbol.asyncDispose]()));
    this.#open(channels, routing);
    await this.#outbox.buryChannels(gone);
    await this.pump();
  }

  #open(channels: readonly Channel[], routing: Pick<Routing, 'isMuted'> | undefined): void {
    this.#isMuted = routing?.isMuted ?? (() => false);
    const before = new Map(this.#senders.map((sender) => [sender.channel, sender]));
    const isMuted: Routing['isMuted'] = (message, atMs) => this.#isMuted(message, atMs);
    const common = { outbox: this.#outbox, clock: this.#clock, log: this.#log, sendTimeoutMs: this.#sendTimeoutMs };
    this.#senders = channels.map((channel) => {
      const maySend = (): Promise<boolean> => this.#leases.holds(`channel/${channel.name}`);
      return before.get(channel) ?? new ChannelSender({ ...common, channel, isMuted, maySend });
    });
    this.#hasBuriedOrphans = false;
  }

  get channels(): Delivery['channels'] {
    return this.#senders.map(({ channel: { name, kind }, failures }) => ({ name, kind, failures }));
  }

  async pump(): Promise<void> {
    // Another server may have the channel.
    if (this.#isAlone && !this.#hasBuriedOrphans) {
      await this.#outbox.buryOrphans(this.channels.map(({ name }) => name));
      this.#hasBuriedOrphans = true;
    }
    const { promise: longest, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.schedule(LONGEST_PUMP_MS, resolve);
    await Promise.race([Promise.all(this.#senders.map((sender) => sender.run())), longest]);
    timer.cancel();
  }

  async test(channel: string): Promise<SendOutcome> {
    const sender = this.#senderOf(channel);
    const id = this.#ids();
    const notification: Notification = {
      id,
      groupKey: `test/${channel}`,
      title: 'Test message of Bellwether: nothing is wrong',
      severity: 'low',
      status: 'firing',
      reason: 'test',
      alerts: [],
      createdAtMs: this.#clock.nowMs(),
      deliveredLate: false,
    };
    return sender.sendNow(notification);
  }

  recent(limit: number, offset?: number): Promise<readonly DeliveryRecord[]> {
    return this.#outbox.recent(limit, offset);
  }

  async replay(channel: string): Promise<number> {
    const sender = this.#senderOf(channel);
    const count = await this.#outbox.replay(channel, this.#clock.nowMs());
    sender.wakeUp();
    if (count > 0) await this.pump();
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender[Symbol.asyncDispose]()));
    // They end by themselves, too.
    await this.#leases.release().catch(() => {});
  }

  #senderOf(name: string): ChannelSender {
    const sender = this.#senders.find(({ channel }) => channel.name === name);
    if (sender !== undefined) return sender;
    const known = this.channels.map((channel) => channel.name).join(', ') || 'none';
    throw new BellwetherError('state_not_found', `No channel is named ${name}`, { hint: `Configured channels: ${known}.` });
  }
}
