import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  hasPostgres,
  hasPrometheus,
  hasVictoriaMetrics,
  startPostgres,
  startPrometheus,
  startVictoriaMetrics,
  type TestServer,
} from '../servers/servers.ts';
import { eventually, ServerProcess } from './server-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-beyond-'));
const resources: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function kept<T extends AsyncDisposable>(resource: T): T {
  resources.push(resource);
  return resource;
}
async function serve(options: Parameters<typeof ServerProcess.start>[0]): Promise<ServerProcess> {
  const server = await ServerProcess.start(options);
  resources.push({ [Symbol.asyncDispose]: async () => void (await server.stop()) });
  return server;
}
async function refused(env: Record<string, string>): Promise<string[]> {
  const server = await ServerProcess.launch({ env });
  const { code, stderr } = await server.finished;
  rmSync(path.dirname(server.dataDir), { recursive: true, force: true });
  expect(code).toBe(1);
  return stderr.split('\n').filter((line) => line !== '');
}

/** A webhook's receiver: ids of what it took, and whether it takes anything. */
async function startReceiver(): Promise<
  AsyncDisposable & { readonly url: string; readonly ids: string[]; readonly bodies: string[]; status: number }
> {
  const taken = { ids: [] as string[], bodies: [] as string[], status: 200 };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (taken.status === 200) {
        taken.ids.push(String(request.headers['webhook-id']));
        taken.bodies.push(Buffer.concat(parts).toString());
      }
      response.writeHead(taken.status).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(taken, {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  });
}

/** Of a place of its own: alerts of one place speak twice and then wait for quiet. */
const pushed = (name: string): unknown => [
  { labels: { alertname: name, instance: name, severity: 'critical' }, annotations: { summary: `${name} is broken` } },
];
async function alertNamed(server: ServerProcess, name: string): Promise<any> {
  const { body } = await server.json('/api/v1/performance/alerts');
  return body.data.alerts.find((alert: any) => alert.metric_name === name);
}

describe('BELLWETHER_STATE_URL', () => {
  test('an address of nobody, or a wrong one, stops the start in one line that names the variable', async () => {
    const [line = '', ...more] = await refused({ BELLWETHER_STATE_URL: 'postgresql://me:hunter2@127.0.0.1:1/state' });
    expect(more).toEqual([]);
    expect(line).toContain('BELLWETHER_STATE_URL');
    expect(line).not.toContain('hunter2');
    expect((await refused({ BELLWETHER_STATE_URL: 'mysql://x/y' }))[0]).toContain('BELLWETHER_STATE_URL');
  }, 20_000);

  test.skipIf(!hasPostgres)(
    'two servers share silences and acknowledgements, and one that is killed leaves its messages to the other',
    async () => {
      const postgres = kept(await startPostgres());
      const receiver = kept(await startReceiver());
      const config = path.join(folder, 'channels.json');
      writeFileSync(config, JSON.stringify({ channels: [{ name: 'hook', kind: 'webhook', url: receiver.url }] }));
      const env = {
        BELLWETHER_STATE_URL: `${postgres.url.replace('//', '//postgres@')}/postgres`,
        BELLWETHER_CONFIG: config,
        BELLWETHER_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
        PERFORMANCE_ALERT_THRESHOLDS: '{"cpu_usage":1000,"memory_usage":1000,"disk_usage":1000}',
      };
      const [one, other] = await Promise.all([serve({ env }), serve({ env })]);

      const push = (server: ServerProcess, name: string): Promise<Response> =>
        server.fetch('/api/v2/alerts', {
          method: 'POST',
          body: JSON.stringify(pushed(name)),
          headers: { 'content-type': 'application/json' },
        });

      // What one judges, the other shows and may acknowledge.
      expect((await push(one, 'first')).status).toBe(200);
      const shown = await eventually(
        () => alertNamed(other, 'first'),
        (alert) => alert !== undefined,
        5000,
      );
      expect(shown).toMatchObject({ acknowledged_by: null });
      expect((await other.post(`/api/v1/alerting/alerts/${shown.id}/ack`)).status).toBe(200);
      const acknowledged = await eventually(
        () => alertNamed(one, 'first'),
        (alert) => alert.acknowledged_by !== null,
        5000,
      );
      expect(acknowledged.acknowledged_by).toBe('BELLWETHER_TOKEN');
      const told = (name: string): Promise<boolean> =>
        eventually(async () => receiver.bodies.some((body) => body.includes(name)), Boolean, 30_000);
      expect(await told('first')).toBe(true);

      // A silence of one holds for the other.
      const silence = {
        matchers: [{ name: 'alertname', value: 'first' }],
        ends_at: new Date(Date.now() + 60_000).toISOString(),
        comment: 'known',
      };
      expect((await other.post('/api/v1/alerting/silences', silence)).status).toBeLessThan(300);
      expect(
        (
          await eventually(
            () => alertNamed(one, 'first'),
            (alert) => alert.silenced,
            5000,
          )
        ).silenced,
      ).toBe(true);

      // Neither dies with what waits to be sent.
      receiver.status = 503;
      for (const name of ['second', 'third']) expect((await push(one, name)).status).toBe(200);
      await one.stop('SIGKILL', true);
      receiver.status = 200;
      expect((await push(other, 'fourth')).status).toBe(200);
      for (const name of ['second', 'third', 'fourth']) expect(await told(name)).toBe(true);
      rmSync(path.dirname(one.dataDir), { recursive: true, force: true });
    },
    90_000,
  );
});

test.skipIf(!hasPostgres)(
  'while PostgreSQL is away the server measures and answers queries, says what it cannot do, and goes on by itself afterwards',
  async () => {
    const postgres = kept(await startPostgres());
    const server = await serve({ env: { BELLWETHER_STATE_URL: `${postgres.url.replace('//', '//postgres@')}/postgres` } });
    const ready = async (): Promise<string> => (await (await server.fetch('/readyz')).text()).trim();
    expect(await ready()).toBe('ok');
    await postgres.program.kill();
    expect(await eventually(ready, (text) => text === 'degraded')).toBe('degraded');
    const { status, body } = await server.json('/api/v1/alerting/silences');
    expect(status).toBe(503);
    expect(body.code).toBe('state_unavailable');
    expect((await server.json('/api/v1/query?query=cpu_usage')).status).toBe(200);
    expect((await server.json('/api/v1/performance/metrics/summary')).status).toBe(200);
    await postgres.program.start();
    expect(await eventually(ready, (text) => text === 'ok')).toBe('ok');
    expect((await server.json('/api/v1/alerting/silences')).status).toBe(200);
  },
  60_000,
);

const engines: readonly (readonly [name: string, isHere: boolean, start: () => Promise<TestServer>])[] = [
  ['Prometheus', hasPrometheus, () => startPrometheus()],
  ['VictoriaMetrics', hasVictoriaMetrics, () => startVictoriaMetrics()],
];

describe('BELLWETHER_STORE_URL', () => {
  test('with nobody there the server starts, says so, keeps what comes and answers queries with a code', async () => {
    const server = await serve({ env: { BELLWETHER_STORE_URL: 'http://me:hunter2@127.0.0.1:1' } });
    const told = await eventually(
      async () => server.stdout + server.stderr,
      (text) => text.includes('BELLWETHER_STORE_URL'),
    );
    expect(told).toContain('BELLWETHER_STORE_URL');
    expect(told).not.toContain('hunter2');
    expect(await (await server.fetch('/readyz')).text()).toContain('degraded');
    const { status, body } = await server.json('/api/v1/query?query=up');
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'error', code: 'store_unavailable' });
    expect((await server.json('/api/v1/performance/metrics/summary')).body.data.cpu_usage.current).toBeGreaterThanOrEqual(0);
  }, 30_000);

  test.skipIf(!engines.some(([, isHere]) => isHere)).each(engines.filter(([, isHere]) => isHere))(
    '%s gets every sample though it is killed, and answers for the server',
    async (_name, _isHere, start) => {
      const engine = kept(await start());
      const server = await serve({ env: { BELLWETHER_STORE_URL: engine.url } });
      const startedMs = Date.now() - 100_000;
      let written = 0;
      const write = async (): Promise<void> => {
        const metric = {
          name: 'counted',
          gauge: { dataPoints: [{ timeUnixNano: `${startedMs + written * 500}000000`, asDouble: written }] },
        };
        const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
        const answer = await server.fetch('/v1/metrics', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
        expect(answer.status).toBe(200);
        written++;
      };
      for (let i = 0; i < 20; i++) await write();
      // Acknowledged and then lost by the engine, or not sent yet: both come back.
      await engine.program.kill();
      for (let i = 0; i < 20; i++) await write();
      await engine.program.start();
      for (let i = 0; i < 5; i++) await write();
      const values = async (): Promise<number[]> => {
        await fetch(`${engine.url}/internal/force_flush`, { method: 'POST' }).catch(() => {});
        const { body } = await server.json(`/api/v1/query?query=${encodeURIComponent('counted[5m]')}&time=${Date.now() / 1000}`);
        return (body.data?.result?.[0]?.values ?? []).map(([, value]: [number, string]) => Number(value));
      };
      const held = await eventually(
        async () => [...new Set(await values())],
        (found) => found.length === written,
        40_000,
      );
      expect(held).toEqual(Array.from({ length: written }, (_, i) => i));
      const names = await server.json('/api/v1/label/__name__/values');
      expect(names.body.data).toContain('cpu_usage');
    },
    90_000,
  );
});
