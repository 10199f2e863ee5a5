import type { Severity } from '../../model/severity.ts';
import type { Channel, Notification, NotifiedAlert, SendOutcome } from '../channel.ts';
import { byUrgency } from '../notification-view.ts';
import { httpPost } from '../reach/http-post.ts';
import type { ChannelKind, CommonConfig, Making } from './channel-kind.ts';
import { HTTP_URL, required } from './field-checks.ts';
import { cut, linesOf, remarksOf } from './short-text.ts';

export interface TeamsConfig extends CommonConfig {
  readonly kind: 'teams';
  /** Address of a workflow "when a Teams webhook request is received": a secret. */
  readonly url: string;
}

/** Teams takes 28 KB a message; what is listed stays below in any script, escaped or not. */
const CARD_BYTES = 24_000;
const ALERTS_LISTED = 15;
const TITLE_CHARS = 300;
const LINE_CHARS = 400;

const COLOURS: Readonly<Record<Severity, 'accent' | 'warning' | 'attention'>> = {
  low: 'accent',
  medium: 'warning',
  high: 'attention',
  critical: 'attention',
};

interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly [style: string]: unknown;
}

/** Text of an Adaptive Card is Markdown: what foreign text could mean in it is taken away. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>~#|]/g, (mark) => `\\${mark}`);
}

function textBlock(text: string, style: object = {}): TextBlock {
  return { type: 'TextBlock', text, wrap: true, ...style };
}

function alertBlocks(alert: NotifiedAlert): TextBlock[] {
  const [message = '', ...rest] = linesOf(alert).map((line) => plain(cut(line, LINE_CHARS)));
  const color = alert.status === 'resolved' ? 'good' : COLOURS[alert.severity];
  return [
    textBlock(message, { weight: 'bolder', color, separator: true }),
    ...rest.map((line) => textBlock(line, { isSubtle: true, spacing: 'none' })),
  ];
}

/** A message with one Adaptive Card, 28 KB at most. */
export function teamsMessage(notification: Notification): string {
  const alerts = byUrgency(notification.alerts);
  for (let listed = Math.min(alerts.length, ALERTS_LISTED); ; listed--) {
    const remarks = remarksOf(notification, listed).map((remark) => textBlock(remark, { isSubtle: true }));
    const title = textBlock(plain(cut(notification.title, TITLE_CHARS)), { size: 'large', weight: 'bolder', style: 'heading' });
    const content = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      msteams: { width: 'Full' },
      body: [title, ...alerts.slice(0, listed).flatMap(alertBlocks), ...remarks],
    };
    const message = JSON.stringify({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
    });
    if (Buffer.byteLength(message) <= CARD_BYTES || listed === 0) return message;
  }
}

/** Older webhooks of Teams answer 200 and tell the failure in the body. */
function judge(answer: string): SendOutcome | undefined {
  const [, status] = /Microsoft Teams endpoint returned HTTP error (\d{3})/.exec(answer) ?? [];
  if (status === undefined) return undefined;
  const permanent = status.startsWith('4') && status !== '408' && status !== '429';
  return { status: 'failed', error: `Teams answered HTTP ${status}`, permanent };
}

/** Posts an Adaptive Card to a Teams workflow. */
class TeamsChannel implements Channel {
  readonly name: string;
  readonly kind = 'teams';
  readonly minimumGapMs = 1000;
  readonly #url: string;
  readonly #making: Making;

  constructor(name: string, url: string, making: Making) {
    this.name = name;
    this.#url = url;
    this.#making = making;
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { guard, clock } = this.#making;
    return httpPost({ url: this.#url, body: teamsMessage(notification), guard, clock, signal, judge });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const teamsKind: ChannelKind<TeamsConfig> = {
  fields: { url: required(HTTP_URL) },
  create: ({ name, url }, making) => new TeamsChannel(name, making.url('url', url), making),
};
