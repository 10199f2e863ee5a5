import { DEFAULT_LADDER, nextEscalationMs, type Engine, type NamedLadder } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { EscalationLadder, EscalationLadderDetail, Escalations } from '../../api-types.ts';
import { activeAlerts } from '../alert-view.ts';
import { matcherView } from '../matchers.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { escalationsSchema, ladderDetailSchema } from '../alerting-schemas.ts';
import { isoTime } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Alerts';
const PATH = '/api/v1/alerting/escalations';
/** Of a storm the first are shown. */
const MOST_SHOWN = 1000;

function termsOf({ minimumSeverity, repeatMs, steps }: NamedLadder): Pick<Escalations, 'minimum_severity' | 'repeat_seconds' | 'steps'> {
  return {
    minimum_severity: minimumSeverity,
    repeat_seconds: repeatMs === undefined ? null : repeatMs / 1000,
    steps: steps.map(({ afterMs, channels }) => ({ after_seconds: afterMs / 1000, channels: channels ?? null })),
  };
}

/** In the order in which they are asked; the built-in one last, unless another one leaves nothing to it. */
function laddersOf({ notifying }: Engine): readonly NamedLadder[] {
  const { ladders } = notifying.config;
  return ladders.some(({ matchers }) => matchers.length === 0) ? ladders : [...ladders, DEFAULT_LADDER];
}

function ladderView(ladder: NamedLadder, { notifying }: Engine): EscalationLadder {
  const isOfApi = notifying.isOfApi('ladder', ladder.name);
  const saved = isOfApi ? notifying.saved('ladder').find(({ name }) => name === ladder.name) : undefined;
  return {
    name: ladder.name,
    origin: isOfApi ? 'api' : 'file',
    problem: saved?.problem ?? null,
    matchers: ladder.matchers.map(matcherView),
    ...termsOf(ladder),
  };
}

/** What was saved and is not at work, because the file has its name or it cannot be read: without steps. */
function unusedLadders({ notifying }: Engine): readonly EscalationLadder[] {
  const working = new Set(notifying.config.ladders.map(({ name }) => name));
  return notifying
    .saved('ladder')
    .filter(({ name }) => !working.has(name) || !notifying.isOfApi('ladder', name))
    .map(({ name, problem }) => ({
      name,
      origin: 'api',
      problem: problem ?? null,
      matchers: [],
      ...termsOf({ ...DEFAULT_LADDER, steps: [] }),
    }));
}

function ladderDetail(name: string, engine: Engine): EscalationLadderDetail {
  const listed = [...laddersOf(engine).map((ladder) => ladderView(ladder, engine)), ...unusedLadders(engine)];
  const ladder = listed.find((one) => one.name === name);
  if (ladder === undefined) throw new ApiProblem('state_not_found', `There is no escalation ladder ${JSON.stringify(name.slice(0, 80))}`);
  const saved = ladder.origin === 'api' ? engine.notifying.saved('ladder').find((part) => part.name === name) : undefined;
  const definition = (saved?.body ?? null) as EscalationLadderDetail['definition'];
  return { ...ladder, position: saved?.position ?? null, definition };
}

function climbing(engine: Engine): Escalations['alerts'] {
  const shown: Escalations['alerts'][number][] = [];
  for (const alert of activeAlerts(engine)) {
    if (shown.length === MOST_SHOWN) break;
    const { id, message, severity, escalationLevel: level, firedAtMs, climb, acknowledgedBy } = alert;
    if (acknowledgedBy !== undefined) continue;
    const ladder = engine.notifying.ladderOf(alert);
    const afterMs = nextEscalationMs(ladder, { severity, level, climb });
    // Not severe enough for its ladder.
    if (afterMs === Infinity && level === 0) continue;
    shown.push({ id, message, severity, ladder: ladder.name, level, next_at: afterMs === Infinity ? null : isoTime(firedAtMs + afterMs) });
  }
  return shown;
}

const ladderBody = strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"'),
  matchers: z.array(z.string().max(2000)).max(100).optional().describe('All must fit; without any it takes every alert that no other does'),
  steps: z
    .array(
      strictObject({
        after: z.number().positive().describe('Seconds since the alert fired'),
        channels: z
          .array(z.string().max(64))
          .min(1)
          .max(100)
          .optional()
          .describe('Absent: those of the alert and those marked for escalations'),
      }),
    )
    .min(1)
    .max(20),
  repeat: z.number().positive().optional().describe('Seconds between repetitions of the last step, from 60'),
  minimum_severity: z.string().optional(),
  position: z.int().min(0).max(1000).optional().describe('Among the ladders of the API, from 0'),
});
const ladderName = z.object({ name: z.string() });

export const escalationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Who is told when nobody takes an alert, and when that will be',
    description:
      'The first ladder that fits an alert takes it: those with matchers are asked before those without, those of the file before those of the API. Outside of `ladders` stands the one that takes what no other does.',
    scope: 'read',
    query: strictObject({}),
    answer: escalationsSchema,
    handle: (_request, { engine }): Escalations => {
      const ladders = laddersOf(engine);
      return {
        ...termsOf(ladders.find(({ matchers }) => matchers.length === 0) ?? DEFAULT_LADDER),
        ladders: [...ladders.map((ladder) => ladderView(ladder, engine)), ...unusedLadders(engine)],
        alerts: climbing(engine),
      };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:name`,
    tag: TAG,
    summary: 'One escalation ladder',
    scope: 'read',
    params: ladderName,
    answer: ladderDetailSchema,
    handle: ({ params }, { engine }) => ladderDetail(params.name, engine),
  }),
  route({
    method: 'POST',
    path: PATH,
    tag: TAG,
    summary: 'Save a new escalation ladder',
    scope: 'admin',
    body: ladderBody,
    answer: ladderDetailSchema,
    successStatus: 201,
    audit: 'escalation.create',
    handle: async ({ body: { position, ...body } }, { engine }) => {
      await engine.notifying.create({ kind: 'ladder', name: body.name, body, position });
      return ladderDetail(body.name, engine);
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:name`,
    tag: TAG,
    summary: 'Replace an escalation ladder of the API',
    description: 'Alerts that are on it go on: whom it names anew is told, whom it told already is not told again for the same step.',
    scope: 'admin',
    params: ladderName,
    body: ladderBody,
    answer: ladderDetailSchema,
    audit: 'escalation.replace',
    handle: async ({ params: { name }, body: { position, ...body } }, { engine }) => {
      if (body.name !== name) throw new ApiProblem('body_invalid', `name: must be ${JSON.stringify(name.slice(0, 80))}, as in the address`);
      await engine.notifying.replace({ kind: 'ladder', name, body, position });
      return ladderDetail(name, engine);
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:name`,
    tag: TAG,
    summary: 'Delete an escalation ladder of the API',
    description: 'Alerts that are on it go on by the ladder that takes them then.',
    scope: 'admin',
    params: ladderName,
    audit: 'escalation.delete',
    handle: async ({ params: { name } }, { engine }) => {
      await engine.notifying.remove({ kind: 'ladder', name });
      return `Deleted the escalation ladder ${JSON.stringify(name)}`;
    },
  }),
];
