import type { Channel, Notification, SendOutcome } from '../channel.ts';
import type { ChannelKind, CommonConfig } from './channel-kind.ts';

export interface DashboardConfig extends CommonConfig {
  readonly kind: 'dashboard';
}

const INBOX_SIZE = 100;

/** The inbox of the page: the last 100 messages, newest last, in memory only. Never fails. */
export class DashboardChannel implements Channel {
  readonly name: string;
  readonly kind = 'dashboard';
  readonly isQuiet = true;
  readonly #inbox: Notification[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** A message that came before keeps its place. */
  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    if (signal.aborted) return { status: 'failed', error: 'Sending was given up', permanent: false };
    const place = this.#inbox.findIndex((earlier) => earlier.id === notification.id);
    if (place === -1) this.#inbox.push(notification);
    else this.#inbox[place] = notification;
    if (this.#inbox.length > INBOX_SIZE) this.#inbox.shift();
    return { status: 'sent', detail: 'in the inbox' };
  }

  inbox(): readonly Notification[] {
    return [...this.#inbox];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const dashboardKind: ChannelKind<DashboardConfig> = { fields: {}, create: ({ name }) => new DashboardChannel(name) };
