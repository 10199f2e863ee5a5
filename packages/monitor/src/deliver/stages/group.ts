import type { AlertChange } from '../../alerts/alerting.ts';
import type { Parcel, Stage } from './stage.ts';

/** More groups at once than this are a storm, and go together by job; more jobs than this go as one. */
const GROUPS_AT_ONCE = 8;

interface Placed {
  readonly key: string;
  readonly subject: string;
}

function byService({ alert: { labels } }: AlertChange): Placed {
  const { job = '', instance = '' } = labels;
  return { key: JSON.stringify([job, instance]), subject: instance || job || 'this host' };
}
function byJob({ alert: { labels } }: AlertChange): Placed {
  const { job = '' } = labels;
  return { key: JSON.stringify(['storm', job]), subject: job || 'many instances' };
}
function together(): Placed {
  return { key: '["storm"]', subject: 'many services' };
}

function split(parcel: Parcel, place: (change: AlertChange) => Placed): Parcel[] {
  const groups = new Map<string, { readonly subject: string; readonly changes: AlertChange[] }>();
  for (const change of parcel.changes) {
    const { key, subject } = place(change);
    const group = groups.get(key) ?? { subject, changes: [] };
    group.changes.push(change);
    groups.set(key, group);
  }
  return [...groups].map(([groupKey, { subject, changes }]) => ({ ...parcel, groupKey, subject, changes }));
}

/**
 * One parcel a service (its `job` and `instance`), so that what one service suffers at once is one message, and its end follows under the
 * same key. When more than eight services suffer at once it is a storm: then one a job, or one for all.
 */
export const group: Stage = (parcels) =>
  parcels.flatMap((parcel) => {
    const services = split(parcel, byService);
    if (services.length <= GROUPS_AT_ONCE) return services;
    const jobs = split(parcel, byJob);
    return jobs.length <= GROUPS_AT_ONCE ? jobs : split(parcel, together);
  });
