import { NO_DELIVERY, type DeliveryConfig } from '@bellwether/monitor/engine';
import { expect, test } from 'vitest';
import type { Delivery, EscalationLadder } from '../../api-types.ts';
import { TestApi } from '../../testing/test-api.ts';

const LADDERS = '/api/v1/alerting/escalations';
const FILE: DeliveryConfig = { ...NO_DELIVERY, channels: ['team', 'boss', 'desk'].map((name) => ({ name, kind: 'dashboard' as const })) };
const NIGHT = {
  name: 'night',
  matchers: ['team="web"'],
  steps: [
    { after: 60, channels: ['team'] },
    { after: 300, channels: ['boss'] },
  ],
  repeat: 600,
  minimum_severity: 'high',
};

async function fire(api: TestApi, labels: Readonly<Record<string, string>> = { team: 'web' }): Promise<void> {
  await api.engine.pushAlerts([
    {
      labels: { alertname: 'Down', severity: 'high', ...labels },
      annotations: {},
      startsAtMs: undefined,
      endsAtMs: api.clock.nowMs() + 86_400_000,
    },
  ]);
}
const deliveries = async (api: TestApi): Promise<readonly Delivery[]> =>
  (await api.get('/api/v1/alerting/deliveries')).body.data.deliveries;
/** Channels of escalations, oldest first. */
async function escalated(api: TestApi): Promise<string[]> {
  return (await deliveries(api))
    .filter(({ group_key }) => group_key.endsWith('#escalation'))
    .map(({ channel }) => channel)
    .toReversed();
}

test('a ladder is created, read, replaced and deleted, and takes the alerts that it fits', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  expect(await api.call('POST', LADDERS, { body: NIGHT })).toMatchObject({
    status: 201,
    body: { data: { name: 'night', origin: 'api', position: 0, problem: null, definition: NIGHT, repeat_seconds: 600 } },
  });
  expect(await api.call('POST', LADDERS, { body: NIGHT })).toMatchObject({ status: 409 });
  const { data } = (await api.get(LADDERS)).body;
  expect(data).toMatchObject({ minimum_severity: 'critical', repeat_seconds: null, steps: [{ after_seconds: 900, channels: null }] });
  expect(data.ladders.map(({ name, origin }: EscalationLadder) => [name, origin])).toEqual([
    ['night', 'api'],
    ['default', 'file'],
  ]);
  await fire(api);
  await fire(api, { team: 'db' });
  expect((await api.get(LADDERS)).body.data.alerts).toMatchObject([
    { ladder: 'night', level: 0, next_at: new Date(api.clock.nowMs() + 60_000).toISOString() },
  ]);
  await api.clock.advance(310_000);
  expect(await escalated(api)).toEqual(['team', 'boss']);

  const body = { ...NIGHT, repeat: undefined };
  expect((await api.call('PUT', `${LADDERS}/night`, { body })).body.data).toMatchObject({ repeat_seconds: null });
  expect(await api.call('PUT', `${LADDERS}/night`, { body: { ...NIGHT, name: 'day' } })).toMatchObject({ status: 400 });
  expect(await api.call('DELETE', `${LADDERS}/night`)).toMatchObject({ status: 200 });
  expect(await api.get(`${LADDERS}/night`)).toMatchObject({ status: 404 });
  expect(await api.call('PUT', `${LADDERS}/night`, { body })).toMatchObject({ status: 404 });
});

test('an alert whose ladder is changed goes on: whom it names anew is told, nobody twice for one step, and all hear the end', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  await api.call('POST', LADDERS, { body: { ...NIGHT, repeat: undefined } });
  await fire(api);
  await api.clock.advance(70_000);
  expect(await escalated(api)).toEqual(['team']);
  const steps = [{ after: 30, channels: ['desk'] }, { after: 90, channels: ['team'] }, ...NIGHT.steps.slice(1)];
  await api.call('PUT', `${LADDERS}/night`, { body: { ...NIGHT, repeat: undefined, steps } });
  await api.clock.advance(310_000);
  expect(await escalated(api)).toEqual(['team', 'desk', 'boss']);
  await api.call('DELETE', `${LADDERS}/night`);
  await api.clock.advance(10_000);
  await api.engine.pushAlerts([
    {
      labels: { alertname: 'Down', severity: 'high', team: 'web' },
      annotations: {},
      startsAtMs: undefined,
      endsAtMs: api.clock.nowMs(),
    },
  ]);
  await api.clock.advance(600_000);
  const ends = (await deliveries(api)).filter(({ title }) => title.startsWith('Resolved'));
  expect(ends.map(({ channel }) => channel).toSorted()).toEqual(['boss', 'desk', 'team']);
});

test('an alert whose ladder is deleted is escalated by the one that takes it then', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  await api.call('POST', LADDERS, { body: NIGHT });
  await api.call('POST', LADDERS, { body: { name: 'rest', steps: [{ after: 120, channels: ['desk'] }], minimum_severity: 'low' } });
  await fire(api);
  await api.clock.advance(70_000);
  await api.call('DELETE', `${LADDERS}/night`);
  await api.clock.advance(60_000);
  expect(await escalated(api)).toEqual(['team', 'desk']);
});

test('ladders with matchers are asked before those without, those of the file first, and in the order of their positions', async () => {
  const ladder = (name: string, matched: boolean): DeliveryConfig['ladders'][number] => ({
    name,
    matchers: matched ? [{ label: 'a', op: '=', value: '1' }] : [],
    steps: [{ afterMs: 1000 }],
    minimumSeverity: 'low',
  });
  await using api = await TestApi.open({}, { delivery: { ...FILE, ladders: [ladder('all', false), ladder('some', true)] } });
  const steps = [{ after: 1 }];
  await api.call('POST', LADDERS, { body: { name: 'first', matchers: ['b="1"'], steps } });
  await api.call('POST', LADDERS, { body: { name: 'second', matchers: ['b="1"'], steps, position: 0 } });
  const { ladders } = (await api.get(LADDERS)).body.data;
  expect(ladders.map(({ name }: EscalationLadder) => name)).toEqual(['some', 'second', 'first', 'all']);
  for (const name of ['all', 'default'])
    expect(await api.call('POST', LADDERS, { body: { name, steps } })).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
  for (const method of ['PUT', 'DELETE'])
    expect(await api.call(method, `${LADDERS}/all`, method === 'PUT' ? { body: { name: 'all', steps } } : {})).toMatchObject({
      status: 409,
    });
});

test('a step that loses its channels to a reload tells those of the alert, and says so', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  await api.call('POST', LADDERS, { body: { ...NIGHT, repeat: undefined, steps: [{ after: 60, channels: ['boss'] }] } });
  await api.engine.reconfigure({ ...FILE, channels: FILE.channels.filter(({ name }) => name !== 'boss') });
  expect((await api.get(`${LADDERS}/night`)).body.data).toMatchObject({
    problem: expect.stringContaining('no channel "boss"'),
    steps: [{ channels: null }],
  });
  await fire(api);
  await api.clock.advance(70_000);
  expect((await escalated(api)).toSorted()).toEqual(['desk', 'team']);
});

test.each([
  [{ steps: [] }, 'body_invalid', 'steps'],
  [{ steps: [{ after: 0 }] }, 'body_invalid', 'steps.0.after'],
  [{ steps: [{ after: 60 }, { after: 30 }] }, 'config_invalid', 'steps[1].after must be later'],
  [{ steps: [{ after: 60, channels: ['nobody'] }] }, 'config_invalid', 'there is no channel "nobody"; there are: team, boss, desk'],
  [{ steps: [{ after: 1e9 }] }, 'config_invalid', 'steps[0].after must be a number of seconds up to 604800'],
  [{ matchers: ['team=~"("'] }, 'config_invalid', 'escalation: matchers:'],
  [{ minimum_severity: 'awful' }, 'config_invalid', 'minimum_severity must be one of'],
  [{ name: 'a b' }, 'body_invalid', 'name'],
  [{ colour: 'red' }, 'body_invalid', 'colour'],
])('%j is refused, and says why', async (wrong, code, reason) => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const answer = await api.call('POST', LADDERS, { body: { ...NIGHT, ...wrong } });
  expect(answer).toMatchObject({ status: 400, body: { code } });
  expect(answer.body.detail).toContain(reason);
});
