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

/** Of a storm's incidents a list shows the first alerts. */
const MEMBERS_LISTED = 50;

function incidentView(incident: Incident, mostMembers = Infinity): IncidentView {
  const root = likelyRoot(incident.members);
  const rootFirst = root === undefined ? incident.members : [root, ...incident.members.filter((member) => member !== root)];
  return {
    id: incident.id,
    title: incidentTitle(incident),
    likely_root: root?.alertId ?? null,
    started_at: isoTime(incident.startedAtMs),
    ended_at: isoTimeOrNull(incident.endedAtMs),
    alert_count: incident.members.length,
    alerts: rootFirst.slice(0, mostMembers).map((member) => ({
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
    description: `Each with its first ${MEMBERS_LISTED} alerts; ask for one incident to have them all.`,
    scope: 'read',
    query: strictObject({
      state: z.enum(['open', 'all']).default('open'),
      limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }),
      offset: wholeNumber({ from: 0, to: 1_000_000, fallback: 0 }),
    }),
    answer: z.object({ incidents: z.array(incidentSchema), count: z.int() }),
    handle: async ({ query }, { engine }) => {
      const incidents = await engine.alerting.incidents({ isOpen: query.state === 'open', limit: query.limit, offset: query.offset });
      return { incidents: incidents.map((incident) => incidentView(incident, MEMBERS_LISTED)), count: incidents.length };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'One incident',
    scope: 'read',
    params,
    answer: incidentSchema,
    handle: async (request, { engine }) => {
      const incident = await engine.alerting.incident(request.params.id);
      if (incident === undefined)
        throw new ApiProblem('state_not_found', `There is no incident with the id ${request.params.id.slice(0, 80)}`);
      return incidentView(incident);
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
