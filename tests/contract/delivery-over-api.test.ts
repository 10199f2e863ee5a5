import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, expect, test } from 'vitest';
import { hasPostgres, startPostgres } from '../servers/servers.ts';
import { eventually, ServerProcess, TOKEN } from './server-process.ts';

const SECRET = Buffer.alloc(24, 'x').toString('base64');
const BASE = '/api/v1/alerting';
const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-delivery-'));
const resources: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A webhook's receiver: what arrived, by path. */
async function startReceiver(): Promise<{ readonly url: string; readonly arrived: { readonly path: string; readonly body: any }[] }> {
  const arrived: { readonly path: string; readonly body: any }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      arrived.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  resources.push({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
}

const ENV = {
  BELLWETHER_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
  PERFORMANCE_ALERT_THRESHOLDS: '{"cpu_usage":1000,"memory_usage":1000,"disk_usage":1000}',
};
async function serve(options: Parameters<typeof ServerProcess.start>[0] = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ ...options, env: { ...ENV, ...options.env } });
  resources.push({ [Symbol.asyncDispose]: async () => void (await server.stop()) });
  return server;
}
const send = (server: ServerProcess, method: string, route: string, body?: unknown): ReturnType<ServerProcess['json']> =>
  server.json(route, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
/** Over in an hour, so that no push is missed meanwhile. */
const push = (server: ServerProcess, name: string, labels: object): ReturnType<ServerProcess['fetch']> =>
  server.fetch('/api/v2/alerts', {
    method: 'POST',
    body: JSON.stringify([
      { labels: { alertname: name, severity: 'critical', ...labels }, endsAt: new Date(Date.now() + 3_600_000).toISOString() },
    ]),
    headers: { 'content-type': 'application/json' },
  });

test(
  'an alert takes a route, a channel and a ladder of the API, and a kill and a reload change nothing in that',
  { timeout: 90_000 },
  async () => {
    const { url, arrived } = await startReceiver();
    const config = path.join(folder, 'file.json');
    writeFileSync(config, JSON.stringify({ channels: [{ name: 'ops', kind: 'webhook', url: `${url}/ops` }], route: { receiver: 'ops' } }));
    const args = ['--config', config];
    const first = await serve({ args });
    mkdirSync(path.join(first.dataDir, 'secrets'));
    writeFileSync(path.join(first.dataDir, 'secrets/hook'), SECRET);

    const team = { name: 'team', kind: 'webhook', url: `${url}/team`, secret: 'file:hook' };
    expect(await send(first, 'POST', `${BASE}/channels`, team)).toMatchObject({ status: 201, body: { data: { origin: 'api' } } });
    await send(first, 'POST', `${BASE}/channels`, { name: 'boss', kind: 'webhook', url: `${url}/boss` });
    const { body } = await send(first, 'POST', `${BASE}/routes`, { channels: ['team'], matchers: ['team="web"'] });
    const steps = [{ after: 4, channels: ['boss'] }];
    expect(await send(first, 'POST', `${BASE}/escalations`, { name: 'web', matchers: ['team="web"'], steps })).toMatchObject({
      status: 201,
    });
    expect(await send(first, 'POST', `${BASE}/channels/team/test`)).toMatchObject({ body: { data: { status: 'sent' } } });
    const since = arrived.length;
    const paths = (): string[] => arrived.slice(since).map((one) => one.path);
    const reach = (wanted: string): Promise<string[]> =>
      eventually(
        async () => paths(),
        (all) => all.includes(wanted),
      );

    expect((await push(first, 'Slow', { team: 'web' })).status).toBe(200);
    expect(await reach('/team')).toEqual(['/team']);
    const settled = async (): Promise<string> => (await first.json(`${BASE}/deliveries`)).body.data.deliveries[0].status;
    expect(await eventually(settled, (status) => status === 'delivered')).toBe('delivered');
    await first.stop('SIGKILL', true);

    const second = await serve({ args, dataDir: first.dataDir, port: first.port });
    expect(await reach('/boss')).toEqual(['/team', '/boss']);
    expect(arrived.at(-1)?.body).toMatchObject({ alerts: [{ labels: { team: 'web' } }] });

    // The file takes the name of a channel: its own is used until it gives the name back.
    const withTeam = {
      channels: ['ops', 'team'].map((name) => ({ name, kind: 'webhook', url: `${url}/ops` })),
      route: { receiver: 'ops' },
    };
    writeFileSync(config, JSON.stringify(withTeam));
    expect((await second.post('/-/reload')).status).toBe(200);
    const { channels } = (await second.json(`${BASE}/channels`)).body.data;
    expect(channels.map(({ name, origin, problem }: any) => [name, origin, problem === null])).toEqual([
      ['ops', 'file', true],
      ['team', 'file', true],
      ['boss', 'api', true],
      ['team', 'api', false],
    ]);
    expect((await second.json(`${BASE}/routes`)).body.data.saved).toMatchObject([{ id: body.data.id, problem: null }]);
    expect((await push(second, 'Slow', { team: 'web', instance: 'other' })).status).toBe(200);
    await reach('/ops');
    expect(paths()).toEqual(['/team', '/boss', '/ops']);
  },
);

test.skipIf(!hasPostgres)('what one server saves, the other has at work within seconds', { timeout: 90_000 }, async () => {
  const postgres = await startPostgres();
  resources.push(postgres);
  const { url, arrived } = await startReceiver();
  const env = { BELLWETHER_STATE_URL: `${postgres.url.replace('//', '//postgres@')}/postgres` };
  const [one, other] = await Promise.all([serve({ env }), serve({ env })]);
  await send(one, 'POST', `${BASE}/channels`, { name: 'team', kind: 'webhook', url: `${url}/team` });
  const names = async (): Promise<string[]> => (await other.json(`${BASE}/channels`)).body.data.channels.map(({ name }: any) => name);
  expect(await eventually(names, (all) => all.length > 0, 5000)).toEqual(['team']);
  expect((await push(other, 'Slow', { instance: 'a' })).status).toBe(200);
  expect(
    await eventually(
      async () => arrived.length,
      (count) => count > 0,
    ),
  ).toBeGreaterThan(0);
  expect(await send(other, 'POST', `${BASE}/channels`, { name: 'team', kind: 'dashboard' })).toMatchObject({ status: 409 });
  expect((await send(other, 'DELETE', `${BASE}/channels/team`)).status).toBe(200);
  const left = async (): Promise<number> => (await one.json(`${BASE}/channels`)).body.data.count;
  expect(await eventually(left, (count) => count === 0, 5000)).toBe(0);
});

test('the commands of the guide on channels do what it says', { timeout: 60_000 }, async () => {
  const guide = readFileSync(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/guides/channels.md'), 'utf8');
  const section = guide.split(/^## /m).find((text) => text.startsWith('Over the API')) ?? '';
  const script = /```bash\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
  expect(script.match(/\bcurl\b/g)?.length).toBeGreaterThanOrEqual(5);
  const server = await serve({ env: { BELLWETHER_SECRET_CHAT: 'https://hooks.slack.com/services/T/B/x' } });
  const ran = spawnSync('bash', ['-euo', 'pipefail', '-c', script.replaceAll('http://127.0.0.1:8000', `http://127.0.0.1:${server.port}`)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', TOKEN },
  });
  expect(ran).toMatchObject({ status: 0 });
  const { body } = await server.json(`${BASE}/channels`);
  expect(body.data.channels).toMatchObject([{ name: 'web-chat', origin: 'api', problem: null }]);
  expect((await server.json(`${BASE}/routes`)).body.data.saved).toMatchObject([{ problem: null, route: { channels: ['web-chat'] } }]);
  expect((await server.json(`${BASE}/escalations`)).body.data.ladders).toMatchObject([{ name: 'web' }, { name: 'default' }]);
});
