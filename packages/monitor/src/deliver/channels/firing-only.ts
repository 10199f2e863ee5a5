import type { Channel, Notification, SendOutcome } from '../channel.ts';

function isPartOf(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * A channel that is not told when alerts end, as Alertmanager's `send_resolved: false` means it: ends are left out of messages, and messages that say nothing
 * else are not sent. What is left out counts as sent, so that the group's end is known.
 */
export class FiringOnlyChannel implements Channel {
  readonly name: string;
  readonly kind: Channel['kind'];
  readonly minimumGapMs: number;
  readonly isQuiet: boolean;
  readonly #inner: Channel;
  /** What fires as each open group was last told; forgotten by a restart, which may tell it once more. */
  readonly #told = new Map<string, ReadonlySet<string>>();

  constructor(inner: Channel) {
    this.name = inner.name;
    this.kind = inner.kind;
    this.minimumGapMs = inner.minimumGapMs ?? 0;
    this.isQuiet = inner.isQuiet ?? false;
    this.#inner = inner;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { groupKey, reason } = notification;
    const alerts = notification.alerts.filter(({ status }) => status === 'firing');
    const firing = new Set(alerts.map(({ id, severity }) => `${id} ${severity}`));
    const isAsked = reason === 'escalated' || reason === 'repeat' || reason === 'test';
    if (!isAsked && isPartOf(firing, this.#told.get(groupKey) ?? NOTHING)) {
      if (firing.size === 0) this.#told.delete(groupKey);
      return { status: 'sent', detail: 'not told: the channel hears of no ends' };
    }
    const outcome = await this.#inner.send({ ...notification, alerts }, signal);
    if (outcome.status === 'sent' && firing.size > 0) this.#told.set(groupKey, firing);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
