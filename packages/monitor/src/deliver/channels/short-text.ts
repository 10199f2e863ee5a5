import type { Notification, NotifiedAlert } from '../channel.ts';
import { byUrgency, labelLine, spanOf } from '../notification-view.ts';

/** At most `limit` UTF-16 units, an ellipsis at the end of what was cut, never half a surrogate pair or half an HTML escape. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/([\uD800-\uDBFF]|&[a-z]*)$/, '')}…`;
}

/** As `cut`, by bytes of UTF-8. */
export function cutBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const kept = Buffer.from(text)
    .subarray(0, limit - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return `${kept}…`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What is said beside the alerts: how many are not listed, that it comes late, that it is a test. */
export function remarksOf(notification: Notification, listed: number): string[] {
  const more = notification.alerts.length - listed;
  return [
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(notification.deliveredLate ? ['Delivered late'] : []),
    ...(notification.reason === 'test' ? ['A test: nothing is wrong'] : []),
  ];
}

/** Sentence, state and labels of an alert, one line each; the labels only if there are any. */
export function linesOf(alert: NotifiedAlert): string[] {
  return [alert.message, `${alert.severity}, ${alert.status}, ${spanOf(alert)}`, labelLine(alert)].filter((line) => line !== '');
}

/** As many alerts, most urgent first, as `limit` UTF-16 units take, with what is left out told at the end. */
export function plainText(notification: Notification, limit: number): string {
  const alerts = byUrgency(notification.alerts);
  const paragraphs: string[] = [];
  let room = limit - 120;
  for (const alert of alerts) {
    const paragraph = cut(linesOf(alert).join('\n'), 1000);
    if (paragraph.length + 2 > room) break;
    room -= paragraph.length + 2;
    paragraphs.push(paragraph);
  }
  return [...paragraphs, remarksOf(notification, paragraphs.length).join('. ')].filter((part) => part !== '').join('\n\n');
}
