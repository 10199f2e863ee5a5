import { createHash } from 'node:crypto';
import type { Severity } from '../../model/severity.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import { byUrgency, iso, notificationView } from '../notification-view.ts';
import { httpPost } from '../reach/http-post.ts';
import type { ChannelKind, CommonConfig, Making } from './channel-kind.ts';
import { HTTP_URL, required, TEXT } from './field-checks.ts';
import { cut } from './short-text.ts';

export interface PagerDutyConfig extends CommonConfig {
  readonly kind: 'pagerduty';
  /** Integration key of an Events API v2 integration, 32 characters: a secret. */
  readonly routing_key: string;
  /** @default 'https://events.pagerduty.com/v2/enqueue' */
  readonly url?: string;
}

const ENQUEUE_URL = 'https://events.pagerduty.com/v2/enqueue';
/** An event may have 512 KB; details of this many alerts stay far below. */
const ALERTS_LISTED = 100;
const SUMMARY_CHARS = 1024;
const LABEL_CHARS = 200;

const SEVERITIES: Readonly<Record<Severity, 'info' | 'warning' | 'error' | 'critical'>> = {
  low: 'info',
  medium: 'warning',
  high: 'error',
  critical: 'critical',
};

/** An event of PagerDuty's Events API v2. Firing again under one `dedup_key` updates the incident; `resolve` ends it. */
function eventOf(notification: Notification, routingKey: string): object {
  const [first] = byUrgency(notification.alerts);
  const { labels = {} } = first ?? {};
  const isOver = notification.status === 'resolved';
  const view = notificationView(notification, ALERTS_LISTED);
  return {
    routing_key: routingKey,
    event_action: isOver ? 'resolve' : 'trigger',
    // A key may have 255 characters; group keys may be longer. A test is an incident of its own.
    dedup_key: createHash('sha256')
      .update(notification.reason === 'test' ? `test/${notification.id}` : notification.groupKey)
      .digest('hex'),
    client: 'Bellwether',
    payload: {
      summary: cut(notification.title, SUMMARY_CHARS),
      source: cut(labels['instance'] ?? labels['job'] ?? 'this host', LABEL_CHARS),
      severity: SEVERITIES[notification.severity],
      timestamp: iso(notification.createdAtMs),
      component: cut(labels['job'] ?? '', LABEL_CHARS),
      class: cut(first?.metricName ?? '', LABEL_CHARS),
      custom_details: {
        ...view,
        title: cut(view.title, SUMMARY_CHARS),
        group_key: cut(view.group_key, SUMMARY_CHARS),
        alerts: view.alerts.map(({ message, severity, status, labels: own, fired_at }) => ({
          message: cut(message, SUMMARY_CHARS),
          severity,
          status,
          labels: cut(JSON.stringify(own), SUMMARY_CHARS),
          fired_at,
        })),
      },
    },
  };
}

interface PagerDutyPost extends Pick<Making, 'guard' | 'clock'> {
  readonly url: string;
  readonly routingKey: string;
}

/** Opens, updates and resolves one PagerDuty incident a group. */
class PagerDutyChannel implements Channel {
  readonly name: string;
  readonly kind = 'pagerduty';
  readonly #post: PagerDutyPost;

  constructor(name: string, post: PagerDutyPost) {
    this.name = name;
    this.#post = post;
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { url, routingKey, guard, clock } = this.#post;
    return httpPost({ url, body: JSON.stringify(eventOf(notification, routingKey)), secrets: [routingKey], guard, clock, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const pagerDutyKind: ChannelKind<PagerDutyConfig> = {
  fields: { routing_key: required(TEXT), url: HTTP_URL },
  create: ({ name, routing_key, url = ENQUEUE_URL }, making) =>
    new PagerDutyChannel(name, {
      url: making.url('url', url),
      routingKey: making.text('routing_key', routing_key),
      guard: making.guard,
      clock: making.clock,
    }),
};
