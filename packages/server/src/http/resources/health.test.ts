import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

/** No page more than there are. */
const FULL = 'PRAGMA max_page_count = 1';
const ROOMY = 'PRAGMA max_page_count = 1000000';

async function limitPages(api: TestApi, pragma: string): Promise<void> {
  const { db } = api.engine.state;
  await db.executeQuery({ ...db.selectFrom('settings').selectAll().compile(), sql: pragma });
}

test('regression: what a full disk refuses is said to be so, and the server calls itself degraded until a write is taken', async () => {
  await using api = await TestApi.open();
  const silence = {
    matchers: [{ name: 'alertname', value: 'cpu_usage', isRegex: false, isEqual: true }],
    ends_at: '2027-01-01T00:00:00Z',
    comment: 'x'.repeat(1000),
  };
  const pushed = [{ labels: { alertname: 'full', detail: 'x'.repeat(10_000) }, startsAt: '2026-01-01T00:00:00Z' }];
  await limitPages(api, FULL);
  for (let i = 0; i < 30; i++) await api.call('POST', '/api/v1/alerting/silences', { body: silence });
  const refused = await api.call('POST', '/api/v1/alerting/silences', { body: silence });
  expect(refused.body).toMatchObject({ code: 'state_unavailable', hint: expect.stringContaining('Make room') });
  expect(await api.call('POST', '/api/v2/alerts', { body: pushed })).toMatchObject({ status: 503 });
  expect((await api.get('/readyz')).text).toBe('degraded\n');
  await limitPages(api, ROOMY);
  expect(await api.call('POST', '/api/v2/alerts', { body: pushed })).toMatchObject({ status: 200 });
  expect((await api.get('/readyz')).text).toBe('ok\n');
});
