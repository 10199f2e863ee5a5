import { matchableLabels } from '../../alerts/mutes/silences.ts';
import type { AlertChange } from '../../alerts/alerting.ts';
import type { Labels } from '../../model/labels.ts';
import { groupOf, type Route, type RouteGroup } from '../routing/route-tree.ts';
import { DEFAULT_ROUTE } from '../routing/routing.ts';
import type { Home, Parcel, Stage } from './stage.ts';

/** More groups at once than this are a storm, and go together by job; more jobs than this go as one. */
const GROUPS_AT_ONCE = 8;

type Place = (change: AlertChange) => RouteGroup;

/** Labels without those that are empty. */
function present(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

function byService(home: Home): Place {
  return ({ alert: { labels } }) => {
    const { job = '', instance = '' } = labels;
    const isHere = job === '' && instance === '' && home.id !== '';
    return {
      key: JSON.stringify(isHere ? [job, instance, home.id] : [job, instance]),
      subject: instance || job || home.name,
      labels: present({ job, instance }),
    };
  };
}
function byJob({ alert: { labels } }: AlertChange): RouteGroup {
  const { job = '' } = labels;
  return { key: JSON.stringify(['storm', job]), subject: job || 'many instances', labels: present({ job }) };
}
function together(): RouteGroup {
  return { key: '["storm"]', subject: 'many services', labels: {} };
}

function split(parcel: Parcel, place: Place): Parcel[] {
  const groups = new Map<string, { readonly placed: RouteGroup; readonly changes: AlertChange[] }>();
  for (const change of parcel.changes) {
    const placed = place(change);
    const group = groups.get(placed.key) ?? { placed, changes: [] };
    group.changes.push(change);
    groups.set(placed.key, group);
  }
  return [...groups].map(
    ([
      groupKey,
      {
        placed: { subject, labels: groupLabels },
        changes,
      },
    ]) => ({
      ...parcel,
      groupKey,
      subject,
      groupLabels,
      changes,
    }),
  );
}

/** Two routes may tell two channels of the same service, each at its own pace. */
function onRoute(route: Route, place: Place): Place {
  if (route.id === DEFAULT_ROUTE.id) return place;
  return (change) => {
    const placed = place(change);
    return { ...placed, key: JSON.stringify([route.id, placed.key]) };
  };
}

function automatic(parcel: Parcel, home: Home): readonly Parcel[] {
  const services = split(parcel, onRoute(parcel.route, byService(home)));
  if (services.length <= GROUPS_AT_ONCE) return services;
  const jobs = split(parcel, onRoute(parcel.route, byJob));
  return jobs.length <= GROUPS_AT_ONCE ? jobs : split(parcel, onRoute(parcel.route, together));
}

/**
 * Splits what goes by one route into groups. Automatic ones are one a service (its `job` and `instance`), so that what one service suffers at
 * once is one message, and its end follows under the same key; when more than eight services suffer at once it is a storm: then one a job, or
 * one for all. Others are by the labels that their route names.
 */
export const group: Stage = (parcels, { home }) =>
  parcels.flatMap((parcel) =>
    parcel.route.grouping.kind === 'automatic'
      ? automatic(parcel, home)
      : split(parcel, ({ alert }) => groupOf(parcel.route, matchableLabels(alert))),
  );
