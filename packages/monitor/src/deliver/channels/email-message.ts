import type { Notification, NotifiedAlert } from '../channel.ts';
import { byUrgency, labelLine, spanOf } from '../notification-view.ts';

export interface EmailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const ALERTS_LISTED = 100;
const SUBJECT_CHARS = 200;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function subjectOf({ reason, status, severity, title }: Notification): string {
  const mark = reason === 'test' ? 'TEST' : status === 'resolved' ? 'RESOLVED' : severity.toUpperCase();
  const line = `[${mark}] ${title}`.replaceAll(/[\r\n\t]+/g, ' ');
  return line.length <= SUBJECT_CHARS ? line : `${line.slice(0, SUBJECT_CHARS - 1)}…`;
}

function linesOf(alert: NotifiedAlert): string[] {
  return [alert.message, `${alert.severity}, ${alert.status}, ${spanOf(alert)}`, labelLine(alert)].filter((line) => line !== '');
}

function paragraphOf(alert: NotifiedAlert): string {
  const [message = '', ...rest] = linesOf(alert).map(escape);
  return `<p><strong>${message}</strong><br>${rest.join('<br>')}</p>`;
}

/** Subject with the severity first, then the same content as plain text and as HTML without images, styles or links. */
export function emailMessage(notification: Notification): EmailMessage {
  const alerts = byUrgency(notification.alerts);
  const listed = alerts.slice(0, ALERTS_LISTED);
  const remarks = [
    ...(alerts.length > listed.length ? [`and ${alerts.length - listed.length} more`] : []),
    ...(notification.deliveredLate ? ['This message was delivered late.'] : []),
    ...(notification.reason === 'test' ? ['This is a test: nothing is wrong.'] : []),
  ];
  const text = [notification.title, ...listed.map((alert) => linesOf(alert).join('\n')), ...remarks].join('\n\n');
  const html = [
    `<h1>${escape(notification.title)}</h1>`,
    ...listed.map(paragraphOf),
    ...remarks.map((remark) => `<p>${escape(remark)}</p>`),
  ].join('\n');
  return { subject: subjectOf(notification), text: `${text}\n`, html };
}
