import { EVERYBODY, groupOf, type AlertRoute, type Engine, type Labels } from '@bellwether/monitor/engine';
import { gettableAlert, receiversOf, type Receiver } from './alert-views.ts';
import type { WantedAlert } from './wanted-alerts.ts';

interface Group {
  readonly labels: Labels;
  readonly receiver: Receiver;
  /** Ids of its alerts and who hears of each: the alerts themselves are made when they are written. */
  readonly members: { readonly id: string; readonly receivers: readonly Receiver[] }[];
}

/** Automatic groups are made of what a moment brings; lists show them by rule or metric. */
function placeOf(route: AlertRoute, { alert, labels }: WantedAlert): { readonly key: string; readonly labels: () => Labels } {
  const { grouping } = route;
  if (grouping.kind === 'automatic') return { key: `${route.id}\0${alert.metricName}`, labels: () => ({ alertname: alert.metricName }) };
  const names = grouping.by === 'all' ? Object.keys(labels) : grouping.by;
  const shown = (): Labels =>
    Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const])));
  return { key: groupOf(route, labels).key, labels: shown };
}

/**
 * Alerts by the groups in which their receivers hear of them, as pieces of a JSON list. Groups are found in one walk, whose empty pieces let others
 * have their turn; then they are written.
 */
export function* groupPieces(wanted: Iterable<WantedAlert | undefined>, engine: Engine): Generator<string> {
  const groups = new Map<string, Group>();
  const first = receiversOf(engine)[0] ?? { name: 'dashboard' };
  for (const one of wanted) {
    yield '';
    for (const route of one?.routes ?? []) {
      const place = placeOf(route, one as WantedAlert);
      const receiver = route.receiver === EVERYBODY ? first : { name: route.receiver };
      const group = groups.get(place.key) ?? { labels: place.labels(), receiver, members: [] };
      groups.set(place.key, group);
      group.members.push({ id: (one as WantedAlert).alert.id, receivers: (one as WantedAlert).receivers });
    }
  }
  const nowMs = engine.clock.nowMs();
  yield '[';
  let before = '';
  for (const { labels, receiver, members } of groups.values()) {
    yield `${before}{"labels":${JSON.stringify(labels)},"receiver":${JSON.stringify(receiver)},"alerts":[`;
    yield* memberPieces(members, engine, nowMs);
    yield ']}';
    before = ',';
  }
  yield ']';
}

function* memberPieces(members: Group['members'], { alerting }: Engine, nowMs: number): Generator<string> {
  let before = '';
  for (const { id, receivers } of members) {
    const alert = alerting.activeAlert(id);
    // It ended since it was found.
    if (alert === undefined) continue;
    yield before + JSON.stringify(gettableAlert(alert, receivers, nowMs));
    before = ',';
  }
}
