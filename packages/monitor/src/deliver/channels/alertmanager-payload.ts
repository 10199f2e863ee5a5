import { createHash } from 'node:crypto';
import type { Labels } from '../../model/labels.ts';
import type { Notification, NotifiedAlert } from '../channel.ts';
import { byUrgency, fitting, iso } from '../notification-view.ts';

/** How Alertmanager writes an instant that has not come. */
const NEVER = '0001-01-01T00:00:00Z';
/** Alertmanager sends all by default; so many are a body of some 400 KB. */
const ALERTS_LISTED = 500;

function labelsOf({ metricName, labels, severity }: NotifiedAlert): Labels {
  return { alertname: metricName, severity, ...labels };
}

function fingerprintOf(labels: Labels): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

/** What all have in common, of labels or annotations. */
function common(all: readonly Labels[]): Labels {
  const [first = {}, ...rest] = all;
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((labels) => labels[name] === value)));
}

/** Body of a webhook as Alertmanager sends it (version 4), for receivers that were written for it. @param channel Stands for the receiver where several groups come in one. */
export function alertmanagerPayload(notification: Notification, channel: string): object {
  const alerts = byUrgency(notification.alerts);
  const { receiver, labels: groupLabels } = notification.origin ?? { receiver: channel, labels: {} };
  const annotationsOf = ({ annotations, message }: NotifiedAlert): Labels => annotations ?? { summary: message };
  const listed = fitting(
    alerts.slice(0, ALERTS_LISTED).map((alert) => {
      const own = labelsOf(alert);
      return {
        status: alert.status,
        labels: own,
        annotations: annotationsOf(alert),
        startsAt: iso(alert.firedAtMs),
        endsAt: alert.resolvedAtMs === undefined ? NEVER : iso(alert.resolvedAtMs),
        generatorURL: '',
        fingerprint: fingerprintOf(own),
      };
    }),
  );
  return {
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: alerts.length - listed.length,
    status: notification.status,
    receiver,
    groupLabels,
    commonLabels: common(alerts.map(labelsOf)),
    commonAnnotations: common(alerts.map(annotationsOf)),
    externalURL: '',
    alerts: listed,
  };
}
