import {
  EVERYBODY,
  groupOf,
  matchableLabels,
  type ActiveAlert,
  type AlertRoute,
  type Engine,
  type Labels,
} from '@bellwether/monitor/engine';
import { gettableAlert, receiversOf } from './alert-views.ts';

interface Group {
  readonly labels: Labels;
  readonly receiver: { readonly name: string };
  readonly alerts: ActiveAlert[];
}

/** Automatic groups are made of what a moment brings; lists show them by rule or metric. */
function placeOf(route: AlertRoute, alert: ActiveAlert, labels: Labels): { readonly key: string; readonly labels: Labels } {
  const { grouping } = route;
  if (grouping.kind === 'automatic') return { key: JSON.stringify([route.id, alert.metricName]), labels: { alertname: alert.metricName } };
  const names = grouping.by === 'all' ? Object.keys(labels) : grouping.by;
  const shown = names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const]));
  return { key: groupOf(route, labels).key, labels: Object.fromEntries(shown) };
}

/** Alerts by the groups in which their receivers hear of them. */
export function alertGroups(alerts: readonly ActiveAlert[], engine: Engine): readonly object[] {
  const groups = new Map<string, Group>();
  for (const alert of alerts) {
    const labels = matchableLabels(alert);
    for (const route of engine.notifying.routing.find(labels)) {
      const place = placeOf(route, alert, labels);
      const known = groups.get(place.key);
      if (known !== undefined) known.alerts.push(alert);
      else {
        const receiver = route.receiver === EVERYBODY ? (receiversOf(engine)[0] ?? { name: 'dashboard' }) : { name: route.receiver };
        groups.set(place.key, { labels: place.labels, receiver, alerts: [alert] });
      }
    }
  }
  return [...groups.values()].map((group) => ({ ...group, alerts: group.alerts.map((alert) => gettableAlert(alert, engine)) }));
}
