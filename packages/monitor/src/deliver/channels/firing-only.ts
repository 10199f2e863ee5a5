import type { Channel, Notification, SendOutcome } from '../channel.ts';

/** A channel that is not told when alerts end. What is left out counts as sent, so that the group's end is known. */
export class FiringOnlyChannel implements Channel {
  readonly name: string;
  readonly kind: Channel['kind'];
  readonly minimumGapMs: number;
  readonly isQuiet: boolean;
  readonly #inner: Channel;

  constructor(inner: Channel) {
    this.name = inner.name;
    this.kind = inner.kind;
    this.minimumGapMs = inner.minimumGapMs ?? 0;
    this.isQuiet = inner.isQuiet ?? false;
    this.#inner = inner;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    if (notification.status === 'firing') return await this.#inner.send(notification, signal);
    return { status: 'sent', detail: 'not told: the channel hears of no ends' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
