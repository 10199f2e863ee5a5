import { NO_DELIVERY, type DeliveryConfig } from '@bellwether/monitor/engine';
import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

const ROUTES = '/api/v1/alerting/routes';
const FILE: DeliveryConfig = {
  ...NO_DELIVERY,
  channels: ['ops', 'web', 'db'].map((name) => ({ name, kind: 'dashboard' as const })),
  routing: {
    receivers: new Map([['both', ['web', 'db']]]),
    root: {
      id: '0',
      receiver: 'ops',
      matchers: [],
      continues: false,
      grouping: { kind: 'automatic' },
      muteTimes: [],
      activeTimes: [],
      routes: [
        {
          id: '0.0',
          receiver: 'db',
          matchers: [{ label: 'team', op: '=', value: 'db' }],
          continues: false,
          grouping: { kind: 'automatic' },
          muteTimes: [],
          activeTimes: [],
          routes: [],
        },
      ],
    },
  },
};

const tryLabels = async (api: TestApi, labels: Readonly<Record<string, string>>): Promise<readonly { readonly route: string }[]> =>
  (await api.call('POST', `${ROUTES}/test`, { body: { labels } })).body.data.receivers;
const create = async (api: TestApi, body: object): Promise<string> => {
  const answer = await api.call('POST', ROUTES, { body });
  expect(answer.status).toBe(201);
  return answer.body.data.id;
};

test('a route is created, tried, read, replaced and deleted; those of the file are asked first', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const body = { channels: ['web'], matchers: ['team=~"web|db"'], group_by: ['job'], group_wait: '10s' };
  const id = await create(api, body);
  expect(await tryLabels(api, { team: 'web', job: 'shop' })).toEqual([
    { receiver: id, channels: ['web'], route: id, origin: 'api', group: JSON.stringify([id, id, ['job', 'shop']]) },
  ]);
  expect(await tryLabels(api, { team: 'db' })).toMatchObject([{ route: '0.0', origin: 'file', channels: ['db'] }]);
  expect(await tryLabels(api, {})).toMatchObject([{ route: '0', channels: ['ops'] }]);

  const read = (await api.get(`${ROUTES}/${id}`)).body.data;
  expect(read).toMatchObject({
    id,
    origin: 'api',
    position: 0,
    problem: null,
    definition: body,
    route: { grouping: { group_by: ['job'], group_wait_seconds: 10 } },
  });
  expect((await api.get(ROUTES)).body.data).toMatchObject({ route: { routes: [{ id: '0.0' }, { id }] }, saved: [{ id }] });

  await api.call('PUT', `${ROUTES}/${id}`, { body: { receiver: 'both', matchers: ['team="web"'], continue: true } });
  expect(await tryLabels(api, { team: 'web' })).toMatchObject([{ receiver: 'both', channels: ['web', 'db'], route: id }]);
  expect(await api.call('DELETE', `${ROUTES}/${id}`)).toMatchObject({ status: 200 });
  expect(await tryLabels(api, { team: 'web' })).toMatchObject([{ route: '0' }]);
  expect(await api.get(`${ROUTES}/${id}`)).toMatchObject({ status: 404 });
  expect(await api.call('DELETE', `${ROUTES}/${id}`)).toMatchObject({ status: 404 });
});

test('routes of the file are read over the API, and changed in the file alone', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  expect((await api.get(`${ROUTES}/0.0`)).body.data).toMatchObject({ origin: 'file', position: null, definition: null });
  for (const method of ['PUT', 'DELETE'])
    expect(await api.call(method, `${ROUTES}/0.0`, method === 'PUT' ? { body: {} } : {})).toMatchObject({
      status: 409,
      body: { code: 'state_conflict', hint: expect.stringContaining('/-/reload') },
    });
});

test('routes are asked in the order of their positions, and keep the keys of their groups when others come and go', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const matchers = ['env="test"'];
  const [first, second] = [
    await create(api, { channels: ['web'], matchers }),
    await create(api, { channels: ['db'], matchers, group_by: ['x'] }),
  ];
  expect(await tryLabels(api, { env: 'test' })).toMatchObject([{ route: first }]);
  const { definition } = (await api.get(`${ROUTES}/${second}`)).body.data;
  expect((await api.call('PUT', `${ROUTES}/${second}`, { body: { ...definition, position: 0 } })).body.data).toMatchObject({ position: 0 });
  const [before] = await tryLabels(api, { env: 'test', x: '1' });
  expect(before?.route).toBe(second);
  await api.call('DELETE', `${ROUTES}/${first}`);
  const third = await create(api, { channels: ['ops'], position: 5 });
  expect(await tryLabels(api, { env: 'test', x: '1' })).toEqual([before]);
  expect((await api.get(ROUTES)).body.data.saved.map(({ id }: { id: string }) => id)).toEqual([second, third]);
});

test('times stand in a route itself, and routes below it', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const id = await create(api, {
    channels: ['web'],
    matchers: ['team="web"'],
    mute_time_intervals: [{ times: [{ start_time: '00:00', end_time: '06:00' }] }],
    routes: [{ receiver: 'ops', matchers: ['severity="critical"'] }],
  });
  expect(await tryLabels(api, { team: 'web', severity: 'critical' })).toMatchObject([
    { route: `${id}.0`, channels: ['ops'], origin: 'api' },
  ]);
  const { routing } = api.engine.notifying;
  const isMuted = (hour: number): boolean => routing.isMuted({ channel: 'web', routeId: id, severity: 'low' }, Date.UTC(2026, 0, 1, hour));
  expect([isMuted(3), isMuted(9)]).toEqual([true, false]);
});

test.each([
  [{ receiver: 'nobody' }, 'receiver: there is no receiver "nobody"; there are: both, ops, web, db'],
  [{ channels: ['nobody'] }, 'there is no channel "nobody"; there are: ops, web, db'],
  [{ channels: ['web', 'nobody'] }, 'there is no channel "nobody"'],
  [{ receiver: 'ops', channels: ['web'] }, 'give one of the two'],
  [{ matchers: ['team=~"("'] }, 'route: matchers.item 1:'],
  [{ group_wait: 'soon' }, 'group_wait: "soon" is not a duration'],
  [{ repeat_interval: '0s' }, 'repeat_interval: must be longer than 0'],
  [{ mute_time_intervals: ['night'] }, 'there is no time interval "night"'],
  [{ active_time_intervals: [{ times: [{ start_time: '25:00', end_time: '26:00' }] }] }, 'active_time_intervals[0]:'],
  [{ routes: [{ colour: 'red' }] }, 'routes.item 1: unknown key "colour"'],
])('%j is refused, and says why', async (body, reason) => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const answer = await api.call('POST', ROUTES, { body });
  expect(answer).toMatchObject({ status: 400, body: { code: 'config_invalid' } });
  expect(answer.body.detail).toContain(reason);
  expect((await api.get(ROUTES)).body.data.saved).toEqual([]);
});

test('a body that is not a route is refused by field, and one nested without end without harm', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  expect(await api.call('POST', ROUTES, { body: { chanels: ['web'] } })).toMatchObject({
    status: 400,
    body: { code: 'body_invalid', detail: expect.stringContaining('channels') },
  });
  const deep = `${'{"routes":['.repeat(30)}${']}'.repeat(30)}`;
  expect(await api.call('POST', ROUTES, { body: deep })).toMatchObject({ status: 400, body: { code: 'config_invalid' } });
  const deeper = `{"mute_time_intervals":[${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]}`;
  expect((await api.call('POST', ROUTES, { body: deeper })).status).toBe(400);
});

test('a reload that takes what a route names leaves the route out and tells why, and its alerts to the root', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const id = await create(api, { receiver: 'both', matchers: ['team="web"'] });
  const half = await create(api, { channels: ['web', 'ops'], matchers: ['team="half"'] });
  const [ops] = FILE.channels;
  await api.engine.reconfigure({ ...NO_DELIVERY, channels: ops === undefined ? [] : [ops] });
  expect((await api.get(`${ROUTES}/${id}`)).body.data).toMatchObject({ problem: expect.stringContaining('"both"'), route: null });
  expect((await api.get(`${ROUTES}/${half}`)).body.data).toMatchObject({
    problem: expect.stringContaining('no channel "web"'),
    route: { channels: ['ops'] },
  });
  expect(await tryLabels(api, { team: 'web' })).toMatchObject([{ route: '0', channels: ['ops'] }]);
  await api.engine.reconfigure(FILE);
  expect((await api.get(`${ROUTES}/${id}`)).body.data).toMatchObject({ problem: null, route: { receiver: 'both' } });
});

test('Alertmanager’s clients see the routes and receivers of the API, too', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const id = await create(api, { channels: ['web'], matchers: ['team="web"'] });
  expect((await api.get('/api/v2/receivers')).body.map(({ name }: { name: string }) => name)).toEqual(['both', id, 'ops', 'db']);
  expect((await api.get('/api/v2/status')).body.config.original).toContain(id);
});
