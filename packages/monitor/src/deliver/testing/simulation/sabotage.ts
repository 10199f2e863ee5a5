/** Faults put into the product on purpose, to see that the promises notice. */
import type { PlannedNotification, PlanNotifications } from '../../../alerts/alerting.ts';
import type { StateStore } from '../../../store/state-store.ts';
import type { OutboxRow } from '../../../store/state-tables.ts';
import type { Notification } from '../../channel.ts';

export interface Sabotage {
  /** Stands where the plan does. */
  readonly plan?: (plan: PlanNotifications) => PlanNotifications;
  /** What a channel really takes of a message. */
  readonly taken?: (notification: Notification) => readonly Notification[];
  /** Done to the state while the process is dead. */
  readonly atDeath?: (state: StateStore) => Promise<void>;
  /** An acknowledgement is answered for and not kept. */
  readonly forgetsAcknowledgements?: boolean;
}

export interface NamedSabotage {
  readonly name: string;
  readonly sabotage: Sabotage;
  /** The promise that must be found broken. */
  readonly notice: RegExp;
}

/** Lets only the planned messages through that pass. */
function keeping(passes: (planned: PlannedNotification) => boolean): Sabotage {
  return { plan: (plan) => (changes) => plan(changes).filter(passes) };
}

/** Its repetitions come at half the time. */
function hasty(planned: PlannedNotification): PlannedNotification {
  const stored = JSON.parse(planned.row.payload_json) as { readonly pace?: { readonly repeatMs: number } };
  if (stored.pace === undefined) return planned;
  const pace = { ...stored.pace, repeatMs: stored.pace.repeatMs / 2 };
  return { ...planned, row: { ...planned.row, payload_json: JSON.stringify({ ...stored, pace }) } };
}

/** Changes the messages that were on their way when the process died. */
function atDeath(change: (row: OutboxRow) => Partial<OutboxRow>): Sabotage {
  return {
    atDeath: async ({ db }) => {
      for (const row of await db
        .selectFrom('outbox')
        .selectAll()
        .where('status', '=', 'waiting')
        .where('sent_as', 'is not', null)
        .execute())
        await db.updateTable('outbox').set(change(row)).where('id', '=', row.id).execute();
    },
  };
}

/** Forgets waiting messages whose group's key is like this when the process dies. */
function forgetting(pattern: string): Sabotage {
  return {
    atDeath: async ({ db }) =>
      void (await db.deleteFrom('outbox').where('status', '=', 'waiting').where('group_key', 'like', pattern).execute()),
  };
}

export const SABOTAGES: readonly NamedSabotage[] = [
  {
    name: 'drops the ends of alerts',
    sabotage: keeping(({ row }) => !row.payload_json.includes('"reason":"resolved"')),
    notice: /was told to fire and not to end/,
  },
  {
    name: 'tells the second of three alerts to nobody',
    sabotage: keeping(({ alertIds }) => alertIds.every((id) => Number(id.split('-').at(-1)) % 3 !== 1)),
    notice: /was never told/,
  },
  {
    name: 'sends every message twice under two ids',
    sabotage: { taken: (notification) => [notification, { ...notification, id: `${notification.id}-again` }] },
    notice: /says again what was told/,
  },
  {
    name: 'sends what a death interrupted under another id',
    sabotage: atDeath(({ id }) => ({ id: `${id}-again` })),
    notice: /says again what was told/,
  },
  {
    name: 'sends what a death interrupted with something else in it',
    sabotage: atDeath(({ payload_json }) => ({ payload_json: payload_json.replaceAll('"currentValue":95', '"currentValue":96') })),
    notice: /names two messages/,
  },
  {
    name: 'loses escalations when it dies',
    sabotage: forgetting('%#escalation'),
    notice: /was not escalated/,
  },
  {
    name: 'loses what waits when it dies',
    sabotage: forgetting('%'),
    notice: /was never told|not to end/,
  },
  {
    name: 'tells what is silenced or explained',
    sabotage: {
      plan: (plan) => (changes) =>
        plan(changes.map(({ alert: { inhibitedBy: _, ...alert }, ...change }) => ({ ...change, alert: { ...alert, silenced: false } }))),
    },
    notice: /was covered until it was told/,
  },
  {
    name: 'repeats itself in half the time',
    sabotage: { plan: (plan) => (changes) => plan(changes).map(hasty) },
    notice: /says again what was told/,
  },
  {
    name: 'escalates what somebody took',
    sabotage: { forgetsAcknowledgements: true },
    notice: /was escalated after somebody took it/,
  },
];
