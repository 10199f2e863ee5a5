import { NO_DELIVERY } from '@bellwether/monitor/engine';
import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

const PATH = '/api/v1/alerting/heartbeats';

test('a heartbeat is noted with a token that may only push, and its lateness is told', async () => {
  await using api = await TestApi.open(
    {},
    { delivery: { ...NO_DELIVERY, heartbeats: { send: [], expect: [{ name: 'backup', within: 60 }] } } },
  );
  await api.clock.advance(90_000);
  expect((await api.get(PATH)).body.data).toEqual({ heartbeats: [{ name: 'backup', within: 60, last_at: null, overdue: 30 }], count: 1 });
  const token = await api.newToken('ingest');
  expect((await api.call('POST', `${PATH}/backup`, { token })).status).toBe(200);
  expect((await api.get(PATH)).body.data.heartbeats[0]).toMatchObject({ overdue: 0, last_at: '2026-01-01T00:01:30.000Z' });
});

test('one that nobody expects is refused, and told which are', async () => {
  await using api = await TestApi.open(
    {},
    { delivery: { ...NO_DELIVERY, heartbeats: { send: [], expect: [{ name: 'backup', within: 60 }] } } },
  );
  const answer = await api.call('POST', `${PATH}/other`);
  expect(answer.status).toBe(404);
  expect(answer.body).toMatchObject({ code: 'state_not_found' });
  expect(answer.text).toContain('backup');
});
