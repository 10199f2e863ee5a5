import type { Severity } from '../../model/severity.ts';
import type { Notification, NotifiedAlert } from '../channel.ts';
import { byUrgency } from '../notification-view.ts';
import { cut, escapeHtml, linesOf, remarksOf } from './short-text.ts';

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

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
}
/** Verbatim: Slack makes no link and no mention of what looks like one in foreign text. */
interface Markup {
  readonly type: 'mrkdwn';
  readonly verbatim: true;
  readonly text: string;
}

interface Block {
  readonly type: 'header' | 'section' | 'context';
  readonly text?: PlainText | Markup;
  readonly elements?: readonly Markup[];
}

/** `text` is what notifications and screen readers show. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

function section(alert: NotifiedAlert): Block {
  const mark = alert.status === 'resolved' ? ':white_check_mark:' : MARKS[alert.severity];
  const [message = '', ...rest] = linesOf(alert).map(escapeHtml);
  return {
    type: 'section',
    text: { type: 'mrkdwn', verbatim: true, text: cut([`${mark} *${message}*`, ...rest].join('\n'), SECTION_CHARS) },
  };
}

function context(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', verbatim: true, text: cut(escapeHtml(text), SECTION_CHARS) }] };
}

/** A message of Block Kit within Slack's limits: 50 blocks, 150 characters of header, 3,000 of a section; user text is escaped. */
export function slackMessage(notification: Notification): SlackMessage {
  const alerts = byUrgency(notification.alerts);
  const listed = alerts.slice(0, ALERTS_LISTED);
  const remarks = remarksOf(notification, listed.length);
  return {
    text: cut(escapeHtml(notification.title), SECTION_CHARS),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(notification.title, HEADER_CHARS) } },
      ...listed.map(section),
      ...(remarks.length === 0 ? [] : [context(remarks.join('. '))]),
    ],
  };
}
