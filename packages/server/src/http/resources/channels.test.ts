import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_DELIVERY, type DeliveryConfig } from '@bellwether/monitor/engine';
import { afterEach, expect, test } from 'vitest';
import type { Delivery } from '../../api-types.ts';
import { TestApi } from '../../testing/test-api.ts';

const CHANNELS = '/api/v1/alerting/channels';
const SECRET = 'aGVyZSBpcyBhIHNlY3JldCBvZiAyNCBieXRlcw==';
const HOOK = { name: 'hook', kind: 'webhook', url: 'https://hooks.example.com/alerts' };
const INBOX = { name: 'inbox', kind: 'dashboard' };
const FILE: DeliveryConfig = {
  ...NO_DELIVERY,
  channels: [{ name: 'page', kind: 'webhook', url: 'https://page.example.com/t0k3n', secret: SECRET }],
};

const folders: string[] = [];
afterEach(() => {
  delete process.env['BELLWETHER_SECRET_HOOK'];
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function dataDir(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-channels-'));
  folders.push(folder);
  return folder;
}
const fired = async (api: TestApi, labels: Readonly<Record<string, string>> = {}): Promise<void> =>
  await api.engine.pushAlerts([
    { labels: { alertname: 'Down', severity: 'critical', ...labels }, annotations: {}, startsAtMs: undefined, endsAtMs: undefined },
  ]);

test('a channel is created, read, replaced and deleted, and alerts go to it meanwhile', async () => {
  await using api = await TestApi.open();
  const created = await api.call('POST', CHANNELS, { body: INBOX });
  expect(created).toMatchObject({ status: 201, body: { data: { ...INBOX, origin: 'api', failures: 0, problem: null, config: INBOX } } });
  expect((await api.get(CHANNELS)).body.data).toMatchObject({ channels: [{ name: 'inbox', origin: 'api' }], count: 1 });
  await fired(api);
  await api.clock.advance(5000);
  expect((await api.get('/api/v1/alerting/deliveries')).body.data.deliveries).toMatchObject([{ channel: 'inbox', status: 'delivered' }]);

  expect(await api.call('POST', CHANNELS, { body: INBOX })).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
  const body = { ...INBOX, minimum_severity: 'high' };
  expect((await api.call('PUT', `${CHANNELS}/inbox`, { body })).body.data.config).toEqual(body);
  expect((await api.get(`${CHANNELS}/inbox`)).body.data.config).toEqual(body);
  expect(await api.call('DELETE', `${CHANNELS}/inbox`)).toMatchObject({ status: 200 });
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect(await api.call(method, `${CHANNELS}/inbox`, method === 'PUT' ? { body } : {})).toMatchObject({ status: 404 });
  expect((await api.get('/api/v1/audit')).body.data.entries.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['channel.create', 'channel.replace', 'channel.delete']),
  );
});

test('a channel of the file is shown without what is secret, and is changed in the file alone', async () => {
  await using api = await TestApi.open({}, { delivery: FILE });
  const shown = await api.get(`${CHANNELS}/page`);
  expect(shown.body.data).toMatchObject({ origin: 'file', config: { name: 'page', kind: 'webhook' }, hidden: ['url', 'secret'] });
  expect(shown.text).not.toMatch(/t0k3n|aGVyZS/);
  for (const [method, where] of [
    ['POST', CHANNELS],
    ['PUT', `${CHANNELS}/page`],
    ['DELETE', `${CHANNELS}/page`],
  ] as const) {
    const answer = await api.call(method, where, method === 'DELETE' ? {} : { body: { ...HOOK, name: 'page' } });
    expect(answer).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
    expect(answer.body.hint).toMatch(/file/);
  }
});

test.each([
  [{ ...HOOK, secret: SECRET }, 'channel "hook": secret must be a reference'],
  [{ ...HOOK, secret: 'env:HOME' }, 'channel "hook": secret must refer to env:BELLWETHER_SECRET_NAME'],
  [{ ...HOOK, url: 'env:BELLWETHER_TOKEN' }, 'channel "hook": url must refer to'],
  [{ ...HOOK, secret: 'env:BELLWETHER_SECRET_NOWHERE' }, 'the variable BELLWETHER_SECRET_NOWHERE is not set'],
  [{ ...HOOK, secret: 'file:/etc/passwd' }, 'files in the secrets folder'],
  [{ ...HOOK, secret: 'file:../state.db' }, 'files in the secrets folder'],
  [{ ...HOOK, secret: 'file:nowhere' }, 'the file nowhere cannot be read'],
  [{ ...HOOK, url: 'https://ann:pass@hooks.example.com' }, 'url must hold no password'],
  [{ ...HOOK, url: 'ftp://x' }, 'url must be an http:// or https:// URL'],
  [{ name: 'hook', kind: 'webhook' }, 'url must be'],
  [{ ...HOOK, kind: 'pigeon' }, 'kind must be one of webhook, slack'],
  [{ ...HOOK, colour: 'red' }, 'has no field "colour"'],
  [{ ...HOOK, name: 'a b' }, 'name must be 1 to 64 letters'],
  [{ name: 'chat', kind: 'slack', url: 'https://hooks.slack.com/services/T/B/x' }, 'url must be a reference'],
  [{ ...HOOK, minimum_severity: 'awful' }, 'minimum_severity must be one of'],
])('%j is refused, and says why', async (body, reason) => {
  await using api = await TestApi.open({}, { dataDir: dataDir() });
  const answer = await api.call('POST', CHANNELS, { body });
  expect(answer).toMatchObject({ status: 400, body: { code: 'config_invalid' } });
  expect(answer.body.detail).toContain(reason);
  expect(answer.text).not.toContain(SECRET);
  expect((await api.get(CHANNELS)).body.data.count).toBe(0);
});

test('private targets are refused over the API as in the file', async () => {
  await using api = await TestApi.open();
  expect(await api.call('POST', CHANNELS, { body: { ...HOOK, url: 'http://169.254.169.254/latest' } })).toMatchObject({
    status: 400,
    body: { code: 'target_refused' },
  });
});

test('a secret may be a file in its folder of the data directory, and a link that leads out of it may not', async () => {
  const folder = dataDir();
  mkdirSync(path.join(folder, 'secrets'));
  writeFileSync(path.join(folder, 'secrets/hook'), `${SECRET}\n`);
  writeFileSync(path.join(folder, 'elsewhere'), SECRET);
  symlinkSync('../elsewhere', path.join(folder, 'secrets/link'));
  await using api = await TestApi.open({}, { dataDir: folder });
  const created = await api.call('POST', CHANNELS, { body: { ...HOOK, secret: 'file:hook' } });
  expect(created).toMatchObject({ status: 201, body: { data: { config: { secret: 'file:hook' }, hidden: [] } } });
  expect(created.text).not.toContain(SECRET);
  const body = { ...HOOK, name: 'other', secret: 'file:link' };
  expect(await api.call('POST', CHANNELS, { body })).toMatchObject({ status: 400, body: { code: 'config_invalid' } });
});

test('a channel whose secret is gone after a restart keeps its messages and its place, and the others go on', async () => {
  const folder = dataDir();
  process.env['BELLWETHER_SECRET_HOOK'] = SECRET;
  {
    await using api = await TestApi.open({}, { dataDir: folder });
    await api.call('POST', CHANNELS, { body: { ...HOOK, secret: 'env:BELLWETHER_SECRET_HOOK' } });
    await api.call('POST', CHANNELS, { body: INBOX });
  }
  delete process.env['BELLWETHER_SECRET_HOOK'];
  await using api = await TestApi.open({}, { dataDir: folder });
  const { channels } = (await api.get(CHANNELS)).body.data;
  expect(channels).toMatchObject([
    { name: 'hook', origin: 'api', problem: expect.stringContaining('BELLWETHER_SECRET_HOOK is not set') },
    { name: 'inbox', problem: null },
  ]);
  await fired(api);
  await api.clock.advance(60_000);
  const deliveries = async (): Promise<readonly Delivery[]> => (await api.get('/api/v1/alerting/deliveries')).body.data.deliveries;
  expect(await deliveries()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ channel: 'inbox', title: expect.stringContaining('Down'), status: 'delivered' }),
      expect.objectContaining({ channel: 'hook', title: expect.stringContaining('Down'), status: 'waiting' }),
    ]),
  );
  expect((await api.get(CHANNELS)).body.data.channels[0].failures).toBeGreaterThan(2);

  expect(await api.call('DELETE', `${CHANNELS}/hook`)).toMatchObject({ status: 200 });
  const dead = (await deliveries()).filter(({ channel }) => channel === 'hook');
  expect(dead.length).toBeGreaterThan(0);
  for (const one of dead) expect(one).toMatchObject({ status: 'dead', last_error: 'The channel is no longer configured' });
});

test('a name that a reloaded file takes is the file’s; what was saved stays, is told as such, and is at work again when the file gives it back', async () => {
  await using api = await TestApi.open();
  await api.call('POST', CHANNELS, { body: { ...INBOX, name: 'page' } });
  await api.engine.reconfigure(FILE);
  expect((await api.get(CHANNELS)).body.data.channels).toMatchObject([
    { name: 'page', kind: 'webhook', origin: 'file', problem: null },
    { name: 'page', kind: 'dashboard', origin: 'api', problem: expect.stringContaining('The configuration file has the channel') },
  ]);
  await api.engine.reconfigure(NO_DELIVERY);
  expect((await api.get(CHANNELS)).body.data.channels).toMatchObject([{ name: 'page', kind: 'dashboard', origin: 'api', problem: null }]);
  await api.engine.reconfigure(FILE);
  expect(await api.call('DELETE', `${CHANNELS}/page`)).toMatchObject({ status: 200 });
  expect((await api.get(CHANNELS)).body.data.channels).toMatchObject([{ name: 'page', origin: 'file' }]);
});

test('a channel that a route or a ladder names is not deleted, and who names it is told', async () => {
  await using api = await TestApi.open();
  await api.call('POST', CHANNELS, { body: INBOX });
  const { id } = (await api.call('POST', '/api/v1/alerting/routes', { body: { routes: [{ channels: ['inbox'] }] } })).body.data;
  await api.call('POST', '/api/v1/alerting/escalations', { body: { name: 'night', steps: [{ after: 60, channels: ['inbox'] }] } });
  const refused = await api.call('DELETE', `${CHANNELS}/inbox`);
  expect(refused).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
  expect(refused.body.detail).toContain(`route ${id}, escalation ladder night`);
  await api.call('DELETE', `/api/v1/alerting/routes/${id}`);
  await api.call('DELETE', '/api/v1/alerting/escalations/night');
  expect(await api.call('DELETE', `${CHANNELS}/inbox`)).toMatchObject({ status: 200 });
});

test('channels are changed by administrators alone, and there is an end to their number', async () => {
  await using api = await TestApi.open();
  const token = await api.newToken('read');
  expect((await api.get(CHANNELS, { token })).status).toBe(200);
  expect((await api.get(`${CHANNELS}/inbox`, { token })).status).toBe(403);
  expect((await api.call('POST', CHANNELS, { token, body: INBOX })).status).toBe(403);
  expect((await api.call('DELETE', `${CHANNELS}/inbox`, { token })).status).toBe(403);
  for (let i = 0; i < 100; i++) await api.engine.notifying.create({ kind: 'channel', name: `c${i}`, body: { ...INBOX, name: `c${i}` } });
  expect(await api.call('POST', CHANNELS, { body: INBOX })).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
});
