import { BellwetherError, randomIds, type DashboardRow } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { Dashboard } from '../../api-types.ts';
import { ApiProblem } from '../problem.ts';
import { route, type ApiContext, type Route } from '../route.ts';
import { dashboardSchema } from '../schemas.ts';
import { isoTime } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Dashboards';
const PATH = '/api/v1/dashboards';
const MOST_DASHBOARDS = 1000;

const contentSchema = strictObject({
  name: z.string().trim().min(1).max(200),
  content: z.record(z.string(), z.unknown()),
});
const idSchema = z.object({ id: z.string() });

function dashboardView(row: DashboardRow): Dashboard {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    updated_at: isoTime(row.updated_at_ms),
    content: JSON.parse(row.body_json) as Record<string, unknown>,
  };
}

async function byId(id: string, { engine }: ApiContext): Promise<DashboardRow> {
  const row = await engine.state.db.selectFrom('dashboards').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new ApiProblem('state_not_found', `There is no dashboard with the id ${id.slice(0, 80)}`);
  return row;
}

export const dashboardRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Dashboards people made',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ dashboards: z.array(dashboardSchema), count: z.int() }),
    handle: async (_request, { engine }) => {
      const rows = await engine.state.db.selectFrom('dashboards').selectAll().orderBy('name').orderBy('id').execute();
      return { dashboards: rows.map(dashboardView), count: rows.length };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'One dashboard',
    scope: 'read',
    params: idSchema,
    answer: dashboardSchema,
    handle: async ({ params }, context) => dashboardView(await byId(params.id, context)),
  }),
  route({
    method: 'POST',
    path: PATH,
    tag: TAG,
    summary: 'Keep a new dashboard',
    description: '`content` is the page’s own; the server keeps it as it is.',
    scope: 'admin',
    body: contentSchema,
    answer: dashboardSchema,
    successStatus: 201,
    audit: 'dashboard.create',
    handle: async ({ body, caller }, { engine }) => {
      const row: DashboardRow = {
        id: randomIds(),
        owner: caller.name,
        name: body.name,
        body_json: JSON.stringify(body.content),
        updated_at_ms: engine.clock.nowMs(),
      };
      await engine.state.transaction(async (tx) => {
        const ids = await tx.selectFrom('dashboards').select('id').limit(MOST_DASHBOARDS).execute();
        if (ids.length >= MOST_DASHBOARDS)
          throw new BellwetherError('state_conflict', `There are ${MOST_DASHBOARDS} dashboards already; delete some`);
        await tx.insertInto('dashboards').values(row).execute();
      });
      return dashboardView(row);
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'Replace a dashboard',
    scope: 'admin',
    params: idSchema,
    body: contentSchema,
    answer: dashboardSchema,
    audit: 'dashboard.replace',
    handle: async ({ params, body }, context) => {
      const before = await byId(params.id, context);
      const row = { ...before, name: body.name, body_json: JSON.stringify(body.content), updated_at_ms: context.engine.clock.nowMs() };
      await context.engine.state.transaction((tx) => tx.updateTable('dashboards').set(row).where('id', '=', row.id).execute());
      return dashboardView(row);
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'Delete a dashboard',
    scope: 'admin',
    params: idSchema,
    audit: 'dashboard.delete',
    handle: async ({ params }, context) => {
      const { name } = await byId(params.id, context);
      await context.engine.state.transaction((tx) => tx.deleteFrom('dashboards').where('id', '=', params.id).execute());
      return `Deleted the dashboard "${name}"`;
    },
  }),
];
