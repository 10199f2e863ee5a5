/** The programs that speak to an Alertmanager speak to us: a real Prometheus that pushes alerts, and amtool. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled } from '../servers/server-program.ts';
import { hasPrometheus, startPrometheus } from '../servers/servers.ts';
import { eventually, ServerProcess, TOKEN } from './server-process.ts';

const hasAmtool = isInstalled('amtool');
if (!hasAmtool) console.warn('SKIPPED: amtool is not installed (package prometheus-alertmanager)');
if (!hasPrometheus) console.warn('SKIPPED: prometheus is not installed');

interface Hook {
  readonly path: string;
  readonly body: { readonly status: string; readonly receiver: string; readonly alerts: readonly { readonly labels: object }[] };
}

const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-amtool-'));
const received: Hook[] = [];
const receiver = createServer((request, response) => {
  let text = '';
  request.on('data', (part) => (text += part));
  request.on('end', () => {
    received.push({ path: request.url ?? '', body: JSON.parse(text) });
    response.end();
  });
});
let server: ServerProcess;

beforeAll(async () => {
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const config = path.join(folder, 'alertmanager.yml');
  writeFileSync(
    config,
    `
route:
  receiver: rest
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
  routes: [{ receiver: team-b, matchers: ['team="b"'] }]
receivers:
- { name: rest, webhook_configs: [{ url: 'http://127.0.0.1:${port}/rest' }] }
- { name: team-b, webhook_configs: [{ url: 'http://127.0.0.1:${port}/team-b' }] }
`,
  );
  server = await ServerProcess.start({
    args: ['--alertmanager-config', config],
    env: { BELLWETHER_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' },
  });
}, 30_000);
afterAll(async () => {
  await server.stop();
  receiver.close();
  rmSync(folder, { recursive: true });
});

const told = (name: string, status: string): Hook | undefined =>
  received.find(({ path: at, body }) => at === `/${name}` && body.status === status);

describe.skipIf(!hasPrometheus)('a Prometheus that is told to push to us', () => {
  test('has its alert arrive, go by its route, and end', { timeout: 40_000 }, async () => {
    const rules = path.join(folder, 'rules.yml');
    // It takes a Prometheus five seconds to find where it pushes to, and a minute to push again.
    const beginsAtSeconds = Math.floor(Date.now() / 1000) + 9;
    writeFileSync(
      rules,
      `groups: [{ name: g, interval: 1s, rules: [{ alert: FromPrometheus, expr: (vector(time()) > ${beginsAtSeconds}) < ${beginsAtSeconds + 6}, labels: { team: b }, annotations: { summary: it happens } }] }]`,
    );
    await using prometheus = await startPrometheus(
      'prometheus',
      `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${rules}']
alerting:
  alertmanagers:
  - authorization: { credentials: ${TOKEN} }
    static_configs: [{ targets: ['127.0.0.1:${server.port}'] }]
`,
    );
    expect(prometheus.port).toBeGreaterThan(0);
    const firing = await eventually(
      async () => told('team-b', 'firing'),
      (hook) => hook !== undefined,
      20_000,
    );
    expect(firing?.body).toMatchObject({
      receiver: 'team-b',
      alerts: [{ labels: { alertname: 'FromPrometheus', team: 'b' }, annotations: { summary: 'it happens' } }],
    });
    const ended = await eventually(
      async () => told('team-b', 'resolved'),
      (hook) => hook !== undefined,
      20_000,
    );
    expect(ended?.body.alerts).toHaveLength(1);
  });
});

describe.skipIf(!hasAmtool)('amtool', () => {
  const amtool = async (...args: string[]): Promise<string> => {
    const http = path.join(folder, 'http.yml');
    writeFileSync(http, `authorization: { type: Bearer, credentials: ${TOKEN} }\n`);
    const common = [`--alertmanager.url=http://127.0.0.1:${server.port}`, `--http.config.file=${http}`];
    return (await promisify(execFile)('amtool', [...common, ...args], { env: { ...process.env, HOME: folder } })).stdout.trim();
  };
  const names = async (...args: string[]): Promise<string[]> =>
    JSON.parse(await amtool('alert', 'query', '-o', 'json', ...args)).map(({ labels }: any) => labels.alertname);

  test('adds alerts and finds them by name, matcher and receiver', async () => {
    await amtool('alert', 'add', 'alertname=ByHand', 'team=b', 'severity=page', '--annotation=summary=hello');
    await amtool('alert', 'add', 'Other', 'node=1');
    expect(await names('ByHand')).toEqual(['ByHand']);
    expect(await names('alertname=~By.*')).toEqual(['ByHand']);
    expect(await names('--receiver=rest')).toContain('Other');
    expect(await names('--receiver=rest')).not.toContain('ByHand');
    expect(await names('--receiver=team-.')).toContain('ByHand');
  });

  test('makes a silence, moves its end, sees what it holds back, and ends it', async () => {
    await amtool('alert', 'add', 'alertname=Held', 'node=2');
    const id = await amtool('silence', 'add', 'alertname=Held', '--author=ada', '--comment=works', '--duration=1h');
    expect(await names('Held')).toEqual([]);
    expect(await names('--silenced', 'Held')).toEqual(['Held']);
    expect(await amtool('silence', 'query')).toContain(id);
    await amtool('silence', 'update', '--duration=2h', id);
    const [moved = ''] = (await amtool('silence', 'query', '-q')).split('\n');
    await amtool('silence', 'expire', moved);
    expect(await amtool('silence', 'query', '-q')).toBe('');
    expect(await amtool('silence', 'query', '--expired', '-q')).toContain(moved);
    expect(await names('Held')).toEqual(['Held']);
    await expect(amtool('silence', 'add', 'alertname=~.*', '--author=ada', '--comment=all')).rejects.toThrow(/amtool/);
  });

  test('shows the routes and tries labels on them, and they hold no address', async () => {
    expect(await amtool('config', 'routes', 'show')).toMatch(/\{team="b"\}.*receiver: team-b/);
    expect(await amtool('config', 'routes', 'test', 'team=b')).toBe('team-b');
    expect(await amtool('config', 'routes', 'test', 'team=a')).toBe('rest');
    expect(await amtool('config', 'show')).not.toContain('http://');
  });
});

test('contract: what Grafana’s Alertmanager data source asks is answered', async () => {
  const pushed = await server.fetch('/api/v2/alerts', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ labels: { alertname: 'Seen', team: 'b' }, generatorURL: 'http://x/' }]),
  });
  expect(pushed.status).toBe(200);
  const groups = await server.json('/api/v2/alerts/groups?silenced=true&inhibited=true&active=true&filter=team%3D%22b%22');
  expect(groups.body.find((group: any) => group.labels.alertname === 'Seen')).toMatchObject({
    receiver: { name: 'team-b' },
    alerts: [{ receivers: [{ name: 'team-b' }], status: { state: 'active' } }],
  });
  expect((await server.json('/api/v2/receivers')).body).toEqual([{ name: 'rest' }, { name: 'team-b' }]);
  const { body } = await server.json('/api/v2/status');
  expect(body).toMatchObject({ cluster: { status: 'disabled' }, versionInfo: { version: expect.any(String) } });
  expect(body.config.original).toContain('"receiver": "team-b"');
  expect((await server.fetch('/api/v2/silences')).status).toBe(200);
});
