import {
  DEFAULT_ROUTE,
  groupOf,
  newRouteId,
  randomIds,
  type AlertRoute as EngineRoute,
  type Engine,
  type SavedPart,
} from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { AlertRoute, AlertRouteDetail, Origin } from '../../api-types.ts';
import { matcherView } from '../matchers.ts';
import { route, type Route } from '../route.ts';
import { alertRouteSchema, originSchema, routeDetailSchema } from '../alerting-schemas.ts';
import { ApiProblem } from '../problem.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Channels';
const PATH = '/api/v1/alerting/routes';

function channelsOf({ receiver }: EngineRoute, { delivery, notifying }: Engine): readonly string[] {
  return notifying.routing.channelsOf(receiver) ?? delivery.channels.map(({ name }) => name);
}

/** Routes of the file are known by their places in the tree, which begins at 0. */
const originOf = ({ id }: EngineRoute): Origin => (/^0(?:\.|$)/.test(id) ? 'file' : 'api');

function routeView(one: EngineRoute, engine: Engine): AlertRoute {
  const { grouping } = one;
  return {
    id: one.id,
    origin: originOf(one),
    receiver: one.receiver,
    channels: channelsOf(one, engine),
    matchers: one.matchers.map(matcherView),
    continue: one.continues,
    grouping:
      grouping.kind === 'automatic'
        ? null
        : {
            group_by: grouping.by === 'all' ? null : grouping.by,
            group_wait_seconds: grouping.waitMs / 1000,
            group_interval_seconds: grouping.intervalMs / 1000,
            repeat_interval_seconds: grouping.repeatMs / 1000,
          },
    mute_time_intervals: one.muteTimes,
    active_time_intervals: one.activeTimes,
    routes: one.routes.map((child) => routeView(child, engine)),
  };
}

const rootOf = ({ notifying }: Engine): EngineRoute => notifying.config.routing.root ?? DEFAULT_ROUTE;

function routeWithId(id: string, among: readonly EngineRoute[]): EngineRoute | undefined {
  for (const one of among) {
    const found = one.id === id ? one : routeWithId(id, one.routes);
    if (found !== undefined) return found;
  }
  return undefined;
}

function savedView({ name, position, body, problem }: SavedPart, engine: Engine): AlertRouteDetail {
  const found = routeWithId(name, rootOf(engine).routes);
  const definition = (body ?? null) as AlertRouteDetail['definition'];
  return {
    id: name,
    origin: 'api',
    position,
    problem: problem ?? null,
    definition,
    route: found === undefined ? null : routeView(found, engine),
  };
}

function routeDetail(id: string, engine: Engine): AlertRouteDetail {
  const saved = engine.notifying.saved('route').find(({ name }) => name === id);
  if (saved !== undefined) return savedView(saved, engine);
  const found = routeWithId(id, [rootOf(engine)]);
  if (found === undefined) throw new ApiProblem('state_not_found', `There is no route with the id ${id.slice(0, 80)}`);
  return { id, origin: originOf(found), position: null, problem: null, definition: null, route: routeView(found, engine) };
}

const texts = z.array(z.string().max(2000)).max(100);
const times = z
  .array(z.union([z.string().max(200), z.record(z.string(), z.unknown())]))
  .max(50)
  .describe('Names of `time_intervals` in the file, or time intervals');
const duration = z.string().max(40).describe('As in 30s, 5m or 1h30m');
const routeFields = {
  receiver: z.string().max(200).optional().describe('A channel or a receiver of the file'),
  channels: z.array(z.string().max(64)).min(1).max(100).optional().describe('In the place of a receiver'),
  matchers: texts.optional().describe('All must fit, such as `severity="critical"` and `team=~"web|shop"`; none fits everything'),
  continue: z.boolean().optional().describe('Whether the routes after it are asked, too'),
  group_by: texts.optional(),
  group_wait: duration.optional(),
  group_interval: duration.optional(),
  repeat_interval: duration.optional(),
  mute_time_intervals: times.optional(),
  active_time_intervals: times.optional(),
  routes: z.array(z.record(z.string(), z.unknown())).max(50).optional().describe('Routes below it, with the same fields'),
};
const routeBody = strictObject({
  ...routeFields,
  position: z.int().min(0).max(1000).optional().describe('Among the routes of the API, from 0'),
});
const routeId = z.object({ id: z.string() });

const changeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'One route, as it was saved and as it is at work',
    scope: 'read',
    params: routeId,
    answer: routeDetailSchema,
    handle: ({ params }, { engine }) => routeDetail(params.id, engine),
  }),
  route({
    method: 'POST',
    path: PATH,
    tag: TAG,
    summary: 'Save a new route below the root',
    description: 'The routes of the API are asked after those of the file, in the order of their positions. A new one comes last.',
    scope: 'admin',
    body: routeBody,
    answer: routeDetailSchema,
    successStatus: 201,
    audit: 'route.create',
    handle: async ({ body: { position, ...body } }, { engine }) => {
      const id = newRouteId(randomIds);
      await engine.notifying.create({ kind: 'route', name: id, body, position });
      return routeDetail(id, engine);
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'Replace a route of the API, or give it another position',
    description: 'It keeps its id, so that its groups go on. Without a position it stays where it is.',
    scope: 'admin',
    params: routeId,
    body: routeBody,
    answer: routeDetailSchema,
    audit: 'route.replace',
    handle: async ({ params: { id }, body: { position, ...body } }, { engine }) => {
      await engine.notifying.replace({ kind: 'route', name: id, body, position });
      return routeDetail(id, engine);
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'Delete a route of the API',
    scope: 'admin',
    params: routeId,
    audit: 'route.delete',
    handle: async ({ params: { id } }, { engine }) => {
      await engine.notifying.remove({ kind: 'route', name: id });
      return `Deleted the route ${id}`;
    },
  }),
];

/** The tree that alerts walk down to their receivers: that of the configuration file, and below its root what was saved over the API. */
export const alertRouteRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'How alerts find their receivers',
    description:
      'Those of the configuration file, or of the one of Alertmanager, come first; `saved` lists those of the API in their order, working or not.',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ route: alertRouteSchema, saved: z.array(routeDetailSchema) }),
    handle: (_request, { engine }) => ({
      route: routeView(rootOf(engine), engine),
      saved: engine.notifying.saved('route').map((part) => savedView(part, engine)),
    }),
  }),
  route({
    method: 'POST',
    path: `${PATH}/test`,
    tag: TAG,
    summary: 'Who would hear of an alert with these labels',
    scope: 'read',
    body: strictObject({
      labels: z
        .record(z.string().max(200), z.string().max(10_000))
        .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels'),
    }),
    answer: z.object({
      receivers: z.array(
        z.object({
          receiver: z.string(),
          channels: z.array(z.string()),
          route: z.string(),
          origin: originSchema,
          group: z.string().nullable(),
        }),
      ),
    }),
    handle: ({ body }, { engine }) => ({
      receivers: engine.notifying.routing.find(body.labels).map((found) => ({
        receiver: found.receiver,
        channels: channelsOf(found, engine),
        route: found.id,
        origin: originOf(found),
        group: found.grouping.kind === 'automatic' ? null : groupOf(found, body.labels).key,
      })),
    }),
  }),
  // After the path that no id has.
  ...changeRoutes,
];
