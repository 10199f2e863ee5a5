import type { Labels } from '../model/labels.ts';
import type { Severity } from '../model/severity.ts';
import type { OutboxRow } from '../store/state-tables.ts';

export interface NotifiedAlert {
  readonly id: string;
  readonly metricName: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly message: string;
  /** As its rule's annotations say; absent for thresholds. */
  readonly annotations?: Labels;
  readonly threshold: number;
  readonly currentValue: number;
  readonly status: 'firing' | 'resolved';
  readonly firedAtMs: number;
  /** Since when the breach lasts, if that is before it fired. */
  readonly activeAtMs?: number;
  readonly resolvedAtMs: number | undefined;
}

/** Where a group comes from, for receivers that sort by it. */
export interface GroupOrigin {
  /** Of the route; the channel's own name where the route leads to every channel. */
  readonly receiver: string;
  /** What the alerts of the group have in common because the route groups by it. */
  readonly labels: Labels;
}

/** What a channel sends: one message about one group of alerts. `id` stays the same over retries, so receivers can drop duplicates. */
export interface Notification {
  readonly id: string;
  readonly groupKey: string;
  /** Absent for several groups in one message, and for what an older version planned. */
  readonly origin?: GroupOrigin;
  readonly title: string;
  readonly severity: Severity;
  readonly status: 'firing' | 'resolved';
  readonly reason: 'new' | 'changed' | 'resolved' | 'escalated' | 'repeat' | 'test';
  readonly alerts: readonly NotifiedAlert[];
  readonly createdAtMs: number;
  /** What the receiver calls the message that opened this group on this channel, while the group has not ended. */
  readonly reference?: string;
  /** Set when the message leaves more than a minute after it was due or, if an attempt failed, more than 5 s. */
  readonly deliveredLate: boolean;
}

/**
 * `retryAtMs` is the receiver's own wish (Retry-After); `permanent` means that trying again cannot help; `reference` is what the receiver calls
 * the message, for what follows in its group.
 */
export type SendOutcome =
  | { readonly status: 'sent'; readonly detail: string; readonly reference?: string }
  | { readonly status: 'failed'; readonly error: string; readonly permanent: boolean; readonly retryAtMs?: number };

/** One way out. Implementations pass `channelContract`; they never throw for a failing receiver and never hold a message longer than their time-out. */
export interface Channel extends AsyncDisposable {
  readonly name: string;
  readonly kind: 'email' | 'slack' | 'webhook' | 'dashboard' | 'pagerduty' | 'teams' | 'telegram' | 'ntfy';
  /** The receiver wants this much time between two messages. @default 0 */
  readonly minimumGapMs?: number;
  /** Messages cost nobody's attention, so none is held back for having spoken too often. @default false */
  readonly isQuiet?: boolean;
  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome>;
}

/** Name of the alert about a channel that fails; its label `channel` names it. */
export const CHANNEL_FAILING = 'channel_failing';

/** A channel and how it fares. */
export interface ChannelHealth {
  readonly name: string;
  readonly kind: Channel['kind'];
  /** Attempts in a row that failed; 0 while the receiver takes what it is sent. */
  readonly failures: number;
}

/** One delivery as the API shows it. */
export interface DeliveryRecord {
  readonly id: string;
  readonly channel: string;
  readonly groupKey: string;
  readonly title: string;
  readonly status: OutboxRow['status'];
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly deliveredAtMs: number | undefined;
  readonly lastError: string | undefined;
}

/** The outbox's senders. Rows are written by alerting, in the transaction of the transition; this sends them until they are through. */
export interface Delivery extends AsyncDisposable {
  readonly channels: readonly ChannelHealth[];
  /** Sends what is due. Called after each evaluation and by its own timers. */
  pump(): Promise<void>;
  /** Sends a marked test to one channel and tells the outcome. @throws BellwetherError `state_not_found` */
  test(channel: string): Promise<SendOutcome>;
  /** Newest first. @param offset Newer ones that are left out, @default 0 */
  recent(limit: number, offset?: number): Promise<readonly DeliveryRecord[]>;
  /** Puts dead letters of a channel back in line; returns their number. */
  replay(channel: string): Promise<number>;
}
