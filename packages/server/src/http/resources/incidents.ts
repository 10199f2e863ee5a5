import { incidentTitle, likelyRoot, type Incident } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { Incident as IncidentView } from '../../api-types.ts';
import { wholeNumber } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { incidentSchema } from '../schemas.ts';
import { isoTime, isoTimeOrNull } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Incidents';
const PATH = '/api/v1/alerting/incidents';
const params = z.object({ id: z.string() });

/** Members that each incident of a list shows. */
const LISTED_MEMBERS = 50;
const OFFSET = wholeNumber({ from: 0, to: 999_999_999, fallback: 0 });

/** The first members; the likely root is always among them. */
function firstMembers({ members }: Incident): Incident['members'] {
  const first = members.slice(0, LISTED_MEMBERS);
  const root = likelyRoot(members);
  return root === undefined || first.includes(root) ? first : [...first.slice(0, -1), root];
}

/** @param listed those of its members that are shown */
function incidentView(incident: Incident, listed: Incident['members']): IncidentView {
  return {
    id: incident.id,
    title: incidentTitle(incident),
    likely_root: likelyRoot(incident.members)?.alertId ?? null,
    started_at: isoTime(incident.startedAtMs),
    ended_at: isoTimeOrNull(incident.endedAtMs),
    member_count: incident.members.length,
    alerts: listed.map((member) => ({
      id: member.alertId,
      metric_name: member.metricName,
      labels: member.labels,
      severity: member.severity,
      message: member.message,
      began_at: isoTime(member.beganAtMs),
      ended_at: isoTimeOrNull(member.endedAtMs),
    })),
  };
}

export const incidentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Alerts that move together, newest first, with the likely root of each',
    scope: 'read',
    description: 'Each shows its first 50 alerts, the likely root among them; `member_count` counts all. `limit` and `offset` give a page.',
    query: strictObject({
      state: z.enum(['open', 'all']).default('open'),
      limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }),
      offset: OFFSET,
    }),
    answer: z.object({ incidents: z.array(incidentSchema), count: z.int() }),
    handle: async ({ query }, { engine }) => {
      const { state, limit, offset } = query;
      const incidents = await engine.alerting.incidents({ isOpen: state === 'open', limit, offset });
      return { incidents: incidents.map((incident) => incidentView(incident, firstMembers(incident))), count: incidents.length };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'One incident',
    description: '`limit` and `offset` give a page of its alerts.',
    scope: 'read',
    params,
    query: strictObject({ limit: wholeNumber({ from: 1, to: 1000, fallback: 1000 }), offset: OFFSET }),
    answer: incidentSchema,
    handle: async (request, { engine }) => {
      const incident = await engine.alerting.incident(request.params.id);
      if (incident === undefined)
        throw new ApiProblem('state_not_found', `There is no incident with the id ${request.params.id.slice(0, 80)}`);
      const { limit, offset } = request.query;
      return incidentView(incident, incident.members.slice(offset, offset + limit));
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/:id/acknowledge`,
    tag: TAG,
    summary: 'Take every alert of an incident that fires',
    description: 'Stops their escalation. The name is the token’s.',
    scope: 'admin',
    params,
    body: strictObject({}).optional(),
    audit: 'incident.acknowledge',
    handle: async (request, { engine }) => {
      const count = await engine.alerting.acknowledgeIncident(request.params.id, request.caller.name);
      return `Acknowledged ${count} ${count === 1 ? 'alert' : 'alerts'}`;
    },
  }),
];
