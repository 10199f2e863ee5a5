import type { ActiveAlert, Engine, Silence } from '@bellwether/monitor/engine';
import { matcherView } from '../matchers.ts';
import { silenceState } from '../silence-view.ts';
import { isoTime } from '../time-view.ts';

/** Labels that matchers of silences see: the alert's own, its metric as `alertname` and its severity. */
export function matchableLabels(alert: ActiveAlert): Readonly<Record<string, string>> {
  const own = alert.group === undefined ? undefined : alert.labels['severity'];
  return { ...alert.labels, alertname: alert.metricName, severity: own ?? alert.severity };
}

/** Alerts carry no end while they fire; clients expect one some way ahead. */
const ASSUMED_END_MS = 300_000;

export function gettableAlert(alert: ActiveAlert, engine: Engine): object {
  return {
    annotations: alert.annotations ?? { summary: alert.message },
    endsAt: isoTime(engine.clock.nowMs() + ASSUMED_END_MS),
    fingerprint: alert.id,
    receivers: receiversOf(engine),
    startsAt: isoTime(alert.activeAtMs ?? alert.firedAtMs),
    status: {
      inhibitedBy: alert.inhibitedBy === undefined ? [] : [alert.inhibitedBy],
      mutedBy: [],
      silencedBy: alert.silenced ? ['silenced'] : [],
      state: isSuppressed(alert) ? 'suppressed' : 'active',
    },
    updatedAt: isoTime(alert.updatedAtMs),
    generatorURL: '',
    labels: matchableLabels(alert),
  };
}

/** Whether nobody is told of it. */
export function isSuppressed(alert: ActiveAlert): boolean {
  return alert.silenced || alert.inhibitedBy !== undefined;
}

export function receiversOf(engine: Engine): readonly { readonly name: string }[] {
  return engine.delivery.channels.map(({ name }) => ({ name }));
}

export function gettableSilence(silence: Silence, nowMs: number): object {
  return {
    id: silence.id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: isoTime(silence.startsAtMs),
    comment: silence.comment,
    createdBy: silence.author,
    startsAt: isoTime(silence.startsAtMs),
    endsAt: isoTime(silence.endsAtMs),
    matchers: silence.matchers.map(matcherView),
  };
}
