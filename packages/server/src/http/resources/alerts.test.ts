import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

const HISTORY = '/api/v1/alerting/history';

test('a window of the history holds what began before it and still fired then, page by page, not what was over', async () => {
  await using api = await TestApi.open();
  const push = async (alertname: string, endsAt?: string): Promise<void> => {
    const alert = { labels: { alertname }, ...(endsAt === undefined ? {} : { endsAt }) };
    expect((await api.call('POST', '/api/v2/alerts', { body: [alert] })).status).toBe(200);
  };
  const end = (alertname: string): Promise<void> => push(alertname, new Date(api.clock.nowMs()).toISOString());
  await push('Over');
  await push('Lasting');
  await push('Ending');
  await api.clock.advance(10_000);
  await end('Over');
  await api.clock.advance(10_000);
  const from = new Date(api.clock.nowMs()).toISOString();
  await api.clock.advance(10_000);
  await end('Ending');
  await push('Young');
  const names = async (query: string): Promise<readonly string[]> =>
    (await api.get(`${HISTORY}?${query}`)).body.data.alerts.map(({ metric_name }: { metric_name: string }) => metric_name);
  const all = await names(`from=${from}`);
  expect(all.toSorted()).toEqual(['Ending', 'Lasting', 'Young']);
  expect(all[0]).toBe('Young');
  expect([...(await names(`from=${from}&limit=1`)), ...(await names(`from=${from}&limit=2&offset=1`))]).toEqual(all);
  expect(await names('limit=10')).toHaveLength(4);
});
