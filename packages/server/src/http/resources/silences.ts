import { breakdownTotal, parseTimeInterval, type Engine, type Silence as EngineSilence } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { alertView } from '../alert-view.ts';
import { silenceView } from '../silence-view.ts';
import { route, type Route } from '../route.ts';
import { coveredAlertsSchema, silenceSchema } from '../schemas.ts';
import { matchersOf, matchersSchema } from '../matchers.ts';
import { timeParameter, wholeNumber } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Silences';
const PATH = '/api/v1/alerting/silences';

const wantedSchema = strictObject({
  matchers: matchersSchema,
  starts_at: z.string().optional(),
  ends_at: z.string(),
  times: z.array(z.record(z.string(), z.unknown())).max(50).optional(),
  comment: z.string().max(2000).default(''),
  author: z.string().max(100).optional(),
});

/** @param otherwise what holds where the body says nothing */
function wantedSilence(
  body: z.infer<typeof wantedSchema>,
  otherwise: { readonly nowMs: number; readonly startsAtMs: number; readonly author: string },
): Omit<EngineSilence, 'id'> {
  return {
    matchers: matchersOf(body.matchers),
    startsAtMs: body.starts_at === undefined ? otherwise.startsAtMs : timeParameter('starts_at', body.starts_at, otherwise.nowMs),
    endsAtMs: timeParameter('ends_at', body.ends_at, otherwise.nowMs),
    ...(body.times === undefined ? {} : { times: body.times.map(parseTimeInterval) }),
    author: body.author ?? otherwise.author,
    comment: body.comment,
  };
}

async function knownSilence(id: string, engine: Engine): Promise<EngineSilence> {
  const silence = await engine.alerting.silence(id);
  if (silence === undefined) throw new ApiProblem('state_not_found', `There is no silence with the id ${id.slice(0, 80)}`);
  return silence;
}

const STATES = ['active', 'pending', 'expired'];

export const silenceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Silences, the running ones first',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ silences: z.array(silenceSchema), count: z.int() }),
    handle: async (_request, { engine }) => {
      const nowMs = engine.clock.nowMs();
      const silences = (await engine.alerting.silences()).map((silence) => silenceView(silence, nowMs));
      silences.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || b.starts_at.localeCompare(a.starts_at));
      return { silences, count: silences.length };
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    tag: TAG,
    summary: 'Hold back notifications of alerts that match',
    description:
      'All matchers must hold. Without a start it begins now. With `times` it is a maintenance window that comes again at these times until its end.',
    scope: 'admin',
    body: wantedSchema,
    answer: silenceSchema,
    audit: 'silence.create',
    handle: async ({ body, caller }, { engine }) => {
      const nowMs = engine.clock.nowMs();
      return silenceView(await engine.alerting.addSilence(wantedSilence(body, { nowMs, startsAtMs: nowMs, author: caller.name })), nowMs);
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/preview`,
    tag: TAG,
    summary: 'Active alerts that matchers would cover, most severe first',
    scope: 'read',
    query: strictObject({ limit: wholeNumber({ from: 0, to: 1000, fallback: 100 }) }),
    body: strictObject({ matchers: matchersSchema }),
    answer: coveredAlertsSchema,
    handle: ({ query, body }, { engine }) => {
      const { alerts, counts } = engine.alerting.covered(matchersOf(body.matchers), query.limit);
      return { alerts: alerts.map(alertView), count: alerts.length, total: breakdownTotal(counts), severity_breakdown: counts };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'One silence',
    scope: 'read',
    params: z.object({ id: z.string() }),
    answer: silenceSchema,
    handle: async ({ params }, { engine }) => silenceView(await knownSilence(params.id, engine), engine.clock.nowMs()),
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'Change a silence that holds or will',
    description: 'What the body leaves out is gone, but for `starts_at` and `author`, which stay.',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    body: wantedSchema,
    answer: silenceSchema,
    audit: 'silence.change',
    handle: async ({ params, body }, { engine }) => {
      const nowMs = engine.clock.nowMs();
      const { startsAtMs, author } = await knownSilence(params.id, engine);
      const wanted = wantedSilence(body, { nowMs, startsAtMs, author });
      return silenceView(await engine.alerting.changeSilence({ ...wanted, id: params.id }), nowMs);
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'End a silence now',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    audit: 'silence.end',
    handle: async ({ params }, { engine }) => {
      await engine.alerting.endSilence(params.id);
      return 'Ended the silence';
    },
  }),
];
