import type { AlertChange } from '../../alerts/alerting.ts';
import type { Channel } from '../channel.ts';
import type { Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import type { Route } from '../routing/route-tree.ts';
import type { Routing } from '../routing/routing.ts';

/** Where alerts without a place of their own come from: this host, which servers that share their state must tell apart. */
export interface Home {
  /** Part of their group's key; empty for a server that shares with nobody. */
  readonly id: string;
  /** For titles. */
  readonly name: string;
}

export const THIS_HOST: Home = { id: '', name: 'this host' };

/** What planning must know of a channel. */
export interface PlanTarget {
  readonly name: string;
  readonly kind: Channel['kind'];
  /** @default 'low' */
  readonly minimumSeverity?: Severity;
  /** Only escalated alerts, and how they end. @default false */
  readonly escalationOnly?: boolean;
}

/** Changes on their way to a message. Stages split, thin out and multiply parcels; what leaves the last stage is sent. */
export interface Parcel {
  /** The channel it goes to; `undefined` before fan-out. */
  readonly channel: string | undefined;
  /** The way it goes. */
  readonly route: Route;
  /** The same for all messages about the same service. */
  readonly groupKey: string;
  /** Whom it is about, for the title: an instance, a job or `this host`. */
  readonly subject: string;
  /** What the route groups by. */
  readonly groupLabels: Labels;
  readonly changes: readonly AlertChange[];
}

export interface StageContext {
  readonly targets: readonly PlanTarget[];
  readonly routing: Routing;
  readonly home: Home;
}

/** One step between changes and messages. Returns the parcels that go on; never mutates its input. */
export type Stage = (parcels: readonly Parcel[], context: StageContext) => readonly Parcel[];

/** One stage after another. */
export function pipeline(...stages: readonly Stage[]): Stage {
  return (parcels, context) => stages.reduce((current, stage) => stage(current, context), parcels);
}

/** The parcel with only the changes that pass; none when nothing is left. */
export function keepChanges(parcel: Parcel, passes: (change: AlertChange) => boolean): readonly Parcel[] {
  const changes = parcel.changes.filter(passes);
  if (changes.length === 0) return [];
  return changes.length === parcel.changes.length ? [parcel] : [{ ...parcel, changes }];
}
