import type { Notification, NotifiedAlert } from '../channel.ts';
import { byUrgency } from '../notification-view.ts';
import { cut, escapeHtml, linesOf, remarksOf } from './short-text.ts';

export interface EmailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const ALERTS_LISTED = 100;
const SUBJECT_CHARS = 200;
/** Labels have no limit, servers take some ten megabytes. */
const LINE_CHARS = 1000;

function subjectOf({ reason, status, severity, title }: Notification): string {
  const mark = reason === 'test' ? 'TEST' : status === 'resolved' ? 'RESOLVED' : severity.toUpperCase();
  const line = `[${mark}] ${title}`.replaceAll(/\p{Cc}+/gu, ' ');
  return cut(line, SUBJECT_CHARS);
}

function shortLines(alert: NotifiedAlert): string[] {
  return linesOf(alert).map((line) => cut(line, LINE_CHARS));
}

function paragraphOf(alert: NotifiedAlert): string {
  const [message = '', ...rest] = shortLines(alert).map(escapeHtml);
  return `<p><strong>${message}</strong><br>${rest.join('<br>')}</p>`;
}

/** Subject with the severity first, then the same content as plain text and as HTML without images, styles or links. */
export function emailMessage(notification: Notification): EmailMessage {
  const alerts = byUrgency(notification.alerts);
  const listed = alerts.slice(0, ALERTS_LISTED);
  const remarks = remarksOf(notification, listed.length);
  const title = cut(notification.title, LINE_CHARS);
  const text = [title, ...listed.map((alert) => shortLines(alert).join('\n')), ...remarks].join('\n\n');
  const html = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...listed.map(paragraphOf),
    ...remarks.map((remark) => `<p>${escapeHtml(remark)}</p>`),
  ].join('\n');
  return { subject: subjectOf(notification), text: `${text}\n`, html };
}
