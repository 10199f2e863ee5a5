/**
 * Correlation: alerts that move together are one incident.
 *
 * An alert joins an open incident when it begins within five minutes of the incident's latest beginning and they have something in common: a
 * label that says where (the same host, service, job, …). While an incident spreads (three places or more within a minute of one another) it
 * takes whatever begins in that minute: a network or a shared database knows no labels. Else it opens one of its own. That needs no rules by
 * hand and no training, costs O(open incidents) an alert, and errs towards few incidents: in a storm people want one.
 *
 * The likely root is who began first; of those that began within ten seconds, who is nearer to a cause: a host's resource before a database,
 * a database before what waits for it, errors last. Measured beginnings, not firings, count: a rule that waits longer is not younger.
 */
import type { Labels } from '../../model/labels.ts';
import { severityRank, type Severity } from '../../model/severity.ts';

/** One alert's part in an incident. */
export interface IncidentMember {
  readonly alertId: string;
  readonly metricName: string;
  readonly labels: Labels;
  /** The worst it has been. */
  readonly severity: Severity;
  readonly message: string;
  /** When the breach began. */
  readonly beganAtMs: number;
  readonly endedAtMs: number | undefined;
}

export interface Incident {
  readonly id: string;
  readonly startedAtMs: number;
  /** When its last alert ended; `undefined` while any fires. */
  readonly endedAtMs: number | undefined;
  /** In the order they joined; at least one. */
  readonly members: readonly IncidentMember[];
}

const JOIN_MS = 300_000;
const SPREAD_MS = 60_000;
const SPREAD_PLACES = 3;
const TOGETHER_MS = 10_000;

/** Labels that say where. */
const PLACES = ['instance', 'host', 'node', 'pod', 'service', 'job', 'app', 'cluster', 'database'];
/** From causes to symptoms, by what a name contains; what is not named stands between. */
const CAUSES = ['down', 'disk', 'memory', 'cpu', 'heap', 'event_loop', 'database', 'query', 'cache'];
const SYMPTOMS = ['response_time', 'latency', 'error'];

/** What tells places apart: the first of the labels that an alert has. */
function placeOf(labels: Labels): string {
  const name = PLACES.find((one) => (labels[one] ?? '') !== '');
  return name === undefined ? '' : `${name}=${labels[name]}`;
}

function isNear(a: Labels, b: Labels): boolean {
  const known = PLACES.filter((name) => (a[name] ?? '') !== '' || (b[name] ?? '') !== '');
  // What has no place is the own host.
  return known.length === 0 || known.some((name) => a[name] !== undefined && a[name] === b[name]);
}

/** Whether an alert that began then belongs to the incident. */
export function belongsTo(incident: Incident, alert: Pick<IncidentMember, 'labels' | 'beganAtMs'>): boolean {
  if (incident.endedAtMs !== undefined) return false;
  // Who came last is asked first: that nearly always settles it.
  if (incident.members.findLast(({ beganAtMs }) => alert.beganAtMs <= beganAtMs + JOIN_MS) === undefined) return false;
  if (incident.members.some(({ labels }) => isNear(labels, alert.labels))) return true;
  const lately = incident.members.filter(({ beganAtMs }) => Math.abs(alert.beganAtMs - beganAtMs) <= SPREAD_MS);
  return new Set(lately.map(({ labels }) => placeOf(labels))).size >= SPREAD_PLACES;
}

function causeRank(metricName: string): number {
  const name = metricName.toLowerCase();
  const symptom = SYMPTOMS.findIndex((word) => name.includes(word));
  if (symptom !== -1) return CAUSES.length + 1 + symptom;
  const cause = CAUSES.findIndex((word) => name.includes(word));
  return cause === -1 ? CAUSES.length : cause;
}

/** The member that the others probably follow from. */
export function likelyRoot(members: readonly IncidentMember[]): IncidentMember | undefined {
  const firstMs = members.reduce((first, { beganAtMs }) => Math.min(first, beganAtMs), Infinity);
  return members
    .filter(({ beganAtMs }) => beganAtMs <= firstMs + TOGETHER_MS)
    .toSorted(
      (a, b) =>
        causeRank(a.metricName) - causeRank(b.metricName) ||
        severityRank(b.severity) - severityRank(a.severity) ||
        a.beganAtMs - b.beganAtMs,
    )[0];
}

/** One line that says what is the matter: the likely root, and what else. */
export function incidentTitle({ members }: Incident): string {
  const root = likelyRoot(members);
  if (root === undefined) return 'Nothing';
  const places = new Set(members.map(({ labels }) => placeOf(labels))).size;
  const others = members.length - 1;
  if (others === 0) return root.message;
  return `${root.message}, and ${others} more ${others === 1 ? 'alert' : 'alerts'}${places > 1 ? ` in ${places} places` : ''}`;
}
