import { DEFAULT_ROUTE, type Engine, type Silence } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { matchersOf, matchersSchema } from '../matchers.ts';
import { timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { isoTime } from '../time-view.ts';
import { streamedJson } from '../streamed-json.ts';
import { strictObject } from '../validate.ts';
import { pushRoute } from './push-route.ts';
import { gettableAlert, gettableSilence, receiversOf } from './alert-views.ts';
import { configText } from './config-text.ts';
import { matchesAll, parseFilters } from './filter.ts';
import { groupPieces } from './groups.ts';
import { alertsQuery, wantedAlerts, type WantedAlert } from './wanted-alerts.ts';

const TAG = 'Alertmanager';
const BASE = '/api/v2';

const filterShape = { filter: z.union([z.string(), z.array(z.string())]).optional() };

function bare(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
}

function* alertPieces(wanted: Iterable<WantedAlert | undefined>, engine: Engine): Generator<string> {
  const nowMs = engine.clock.nowMs();
  let before = '[';
  for (const one of wanted) {
    yield one === undefined ? '' : before + JSON.stringify(gettableAlert(one.alert, one.receivers, nowMs));
    if (one !== undefined) before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

async function silenceById(id: string, engine: Engine): Promise<Silence> {
  const silence = (await engine.alerting.silences()).find((one) => one.id === id);
  if (silence === undefined) throw new ApiProblem('state_not_found', `There is no silence with the id ${id.slice(0, 80)}`);
  return silence;
}

const read = { method: 'GET', tag: TAG, scope: 'read', lenient: true } as const;

const readRoutes: readonly Route[] = [
  route({
    ...read,
    path: `${BASE}/status`,
    summary: 'Version, uptime and the routes at work in Alertmanager’s form',
    handle: (_request, { engine, version }) =>
      bare({
        cluster: { name: '', status: 'disabled', peers: [] },
        config: { original: configText(engine.notifying.config, engine.notifying.config.routing.root ?? DEFAULT_ROUTE) },
        uptime: isoTime(engine.startedAtMs),
        versionInfo: { branch: '', buildDate: '', buildUser: '', goVersion: '', revision: '', version },
      }),
  }),
  route({
    ...read,
    path: `${BASE}/alerts`,
    summary: 'Active alerts in Alertmanager’s form',
    query: alertsQuery,
    handle: ({ query }, { engine }) => streamedJson(alertPieces(wantedAlerts(query, engine), engine)),
  }),
  route({
    ...read,
    path: `${BASE}/alerts/groups`,
    summary: 'Active alerts by the groups in which they are told',
    query: alertsQuery,
    handle: ({ query }, { engine }) => streamedJson(groupPieces(wantedAlerts(query, engine), engine)),
  }),
  route({
    ...read,
    path: `${BASE}/receivers`,
    summary: 'Who may hear of alerts, in Alertmanager’s form',
    handle: (_request, { engine }) => bare(receiversOf(engine)),
  }),
  route({
    ...read,
    path: `${BASE}/silences`,
    summary: 'Silences in Alertmanager’s form',
    query: z.object(filterShape),
    handle: async ({ query }, { engine }) => {
      const filters = parseFilters(query.filter, engine);
      const silences = (await engine.alerting.silences()).filter(({ matchers }) =>
        matchesAll(filters, Object.fromEntries(matchers.map(({ label, value }) => [label, value]))),
      );
      return bare(silences.map((silence) => gettableSilence(silence, engine.clock.nowMs())));
    },
  }),
  route({
    ...read,
    path: `${BASE}/silence/:id`,
    summary: 'One silence',
    params: z.object({ id: z.string() }),
    handle: async ({ params }, { engine }) => bare(gettableSilence(await silenceById(params.id, engine), engine.clock.nowMs())),
  }),
];

export const alertmanagerRoutes: readonly Route[] = [
  ...readRoutes,
  pushRoute,
  route({
    method: 'POST',
    path: `${BASE}/silences`,
    tag: TAG,
    scope: 'admin',
    summary: 'Create a silence; with an id, replace that one',
    body: strictObject({
      id: z.string().optional(),
      matchers: matchersSchema,
      startsAt: z.string(),
      endsAt: z.string(),
      createdBy: z.string().max(100),
      comment: z.string().max(2000),
    }),
    audit: 'silence.create',
    handle: async ({ body }, { engine }) => {
      const nowMs = engine.clock.nowMs();
      if (body.id !== undefined && body.id !== '') await silenceById(body.id, engine);
      const silence = await engine.alerting.addSilence({
        matchers: matchersOf(body.matchers),
        startsAtMs: timeParameter('startsAt', body.startsAt, nowMs),
        endsAtMs: timeParameter('endsAt', body.endsAt, nowMs),
        author: body.createdBy,
        comment: body.comment,
      });
      // Replacing makes the new one first: the alerts are at no moment without a silence.
      if (body.id !== undefined && body.id !== '') await engine.alerting.endSilence(body.id);
      return bare({ silenceID: silence.id });
    },
  }),
  route({
    method: 'DELETE',
    path: `${BASE}/silence/:id`,
    tag: TAG,
    scope: 'admin',
    summary: 'End a silence now',
    params: z.object({ id: z.string() }),
    audit: 'silence.end',
    handle: async ({ params }, { engine }) => {
      await engine.alerting.endSilence(params.id);
      return new Response(null, { status: 200 });
    },
  }),
];
