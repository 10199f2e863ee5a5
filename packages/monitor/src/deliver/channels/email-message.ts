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

function subjectOf({ reason, status, severity, title }: Notification): string {
  const mark = reason === 'test' ? 'TEST' : status === 'resolved' ? 'RESOLVED' : severity.toUpperCase();
  const line = `[${mark}] ${title}`.replaceAll(/[\r\n\t]+/g, ' ');
  return cut(line, SUBJECT_CHARS);
}

function paragraphOf(alert: NotifiedAlert): string {
  const [message = '', ...rest] = linesOf(alert).map(escapeHtml);
  return `<p><strong>${message}</strong><br>${rest.join('<br>')}</p>`;
}

/** Subject with the severity first, then the same content as plain text and as HTML without images, styles or links. */
export function emailMessage(notification: Notification): EmailMessage {
  const alerts = byUrgency(notification.alerts);
  const listed = alerts.slice(0, ALERTS_LISTED);
  const remarks = remarksOf(notification, listed.length);
  const text = [notification.title, ...listed.map((alert) => linesOf(alert).join('\n')), ...remarks].join('\n\n');
  const html = [
    `<h1>${escapeHtml(notification.title)}</h1>`,
    ...listed.map(paragraphOf),
    ...remarks.map((remark) => `<p>${escapeHtml(remark)}</p>`),
  ].join('\n');
  return { subject: subjectOf(notification), text: `${text}\n`, html };
}
