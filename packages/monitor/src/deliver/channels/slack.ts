import type { Clock } from '../../base/clock.ts';
import type { Severity } from '../../model/severity.ts';
import type { Channel, Notification, NotifiedAlert, SendOutcome } from '../channel.ts';
import { httpPost } from '../reach/http-post.ts';
import { byUrgency, labelLine, spanOf } from '../notification-view.ts';
import type { TargetGuard } from '../reach/target-guard.ts';

export interface SlackOptions {
  readonly name: string;
  /** Address of an incoming webhook: a secret. */
  readonly url: string;
  readonly guard: TargetGuard;
  readonly clock: Clock;
}

/** Slack takes 50 blocks: a header, a context and one for those left out leave 47; twenty are as many as anybody reads. */
const ALERTS_LISTED = 20;
const HEADER_CHARS = 150;
const SECTION_CHARS = 3_000;

const MARKS: Readonly<Record<Severity, string>> = {
  low: ':large_blue_circle:',
  medium: ':large_yellow_circle:',
  high: ':large_orange_circle:',
  critical: ':red_circle:',
};

interface Block {
  readonly type: 'header' | 'section' | 'context';
  readonly text?: { readonly type: 'plain_text' | 'mrkdwn'; readonly text: string };
  readonly elements?: readonly { readonly type: 'mrkdwn'; readonly text: string }[];
}

/** `text` is what notifications and screen readers show. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** At most `limit` characters, never half a surrogate pair or half an escape. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/([\uD800-\uDBFF]|&[a-z]*)$/, '')}…`;
}

function section(alert: NotifiedAlert): Block {
  const mark = alert.status === 'resolved' ? ':white_check_mark:' : MARKS[alert.severity];
  const lines = [`${mark} *${escape(alert.message)}*`, `${alert.severity}, ${alert.status}, ${spanOf(alert)}`, escape(labelLine(alert))];
  return { type: 'section', text: { type: 'mrkdwn', text: cut(lines.filter((line) => line !== '').join('\n'), SECTION_CHARS) } };
}

function context(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(escape(text), SECTION_CHARS) }] };
}

/** A message of Block Kit within Slack's limits: 50 blocks, 150 characters of header, 3,000 of a section; user text is escaped. */
export function slackMessage(notification: Notification): SlackMessage {
  const alerts = byUrgency(notification.alerts);
  const more = alerts.length - ALERTS_LISTED;
  const remarks = [
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(notification.deliveredLate ? ['Delivered late'] : []),
    ...(notification.reason === 'test' ? ['A test: nothing is wrong'] : []),
  ];
  return {
    text: cut(escape(notification.title), SECTION_CHARS),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(notification.title, HEADER_CHARS) } },
      ...alerts.slice(0, ALERTS_LISTED).map(section),
      ...(remarks.length === 0 ? [] : [context(remarks.join('. '))]),
    ],
  };
}

/** Posts to a Slack incoming webhook. */
export class SlackChannel implements Channel {
  readonly name: string;
  readonly kind = 'slack';
  readonly #options: SlackOptions;

  constructor(options: SlackOptions) {
    this.name = options.name;
    this.#options = options;
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { url, guard, clock } = this.#options;
    return httpPost({ url, body: JSON.stringify(slackMessage(notification)), guard, clock, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
