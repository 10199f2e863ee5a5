import {
  DEFAULT_ROUTE,
  EVERYBODY,
  matchableLabels,
  type ActiveAlert,
  type AlertRoute,
  type Engine,
  type Silence,
} from '@bellwether/monitor/engine';
import { matcherView } from '../matchers.ts';
import { silenceState } from '../silence-view.ts';
import { isoTime } from '../time-view.ts';

/** Alerts carry no end while they fire; clients expect one some way ahead. */
const ASSUMED_END_MS = 300_000;

export function gettableAlert(alert: ActiveAlert, receivers: readonly Receiver[], nowMs: number): object {
  return {
    annotations: alert.annotations ?? { summary: alert.message },
    endsAt: isoTime(nowMs + ASSUMED_END_MS),
    fingerprint: alert.id,
    receivers,
    startsAt: isoTime(alert.activeAtMs ?? alert.firedAtMs),
    status: {
      inhibitedBy: alert.inhibitedBy === undefined ? [] : [alert.inhibitedBy],
      mutedBy: [],
      silencedBy: alert.silencedBy,
      state: isSuppressed(alert) ? 'suppressed' : 'active',
    },
    updatedAt: isoTime(alert.updatedAtMs),
    generatorURL: '',
    labels: matchableLabels(alert),
  };
}

/** Whether nobody is told of it. */
function isSuppressed(alert: ActiveAlert): boolean {
  return alert.silenced || alert.inhibitedBy !== undefined;
}

export type Receiver = { readonly name: string };

function named({ receiver, routes }: AlertRoute): readonly string[] {
  return [receiver, ...routes.flatMap(named)];
}

/** Every receiver there is: those of the file, those that routes name, and every channel where a route leads to all. */
export function receiversOf({ delivery, notifying }: Engine): readonly Receiver[] {
  const { root = DEFAULT_ROUTE, receivers } = notifying.config.routing;
  const names = [...(receivers?.keys() ?? []), ...named(root)].flatMap((name) =>
    name === EVERYBODY ? delivery.channels.map((channel) => channel.name) : [name],
  );
  return [...new Set(names)].map((name) => ({ name }));
}

/** Who hears by these routes; twice who hears by two, as Alertmanager lists it. */
export function receiversOfRoutes(routes: readonly AlertRoute[], { delivery }: Engine): readonly Receiver[] {
  const names = routes.flatMap(({ receiver }) => (receiver === EVERYBODY ? delivery.channels.map(({ name }) => name) : [receiver]));
  return names.map((name) => ({ name }));
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
