import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, freePort, ServerProcess, TOKEN } from './server-process.ts';

const started: ServerProcess[] = [];
async function start(options: Parameters<typeof ServerProcess.start>[0]): Promise<ServerProcess> {
  const server = await ServerProcess.start(options);
  started.push(server);
  return server;
}
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

async function failure(
  options: Parameters<typeof ServerProcess.launch>[0],
): Promise<{ readonly code: number | null; readonly lines: string[] }> {
  const server = await ServerProcess.launch(options);
  const { code, stderr } = await server.finished;
  rmSync(path.dirname(server.dataDir), { recursive: true, force: true });
  return { code, lines: stderr.split('\n').filter((line) => line !== '') };
}

describe('a bad value stops the start with one line and exit code 1', () => {
  test.each([
    ['PERFORMANCE_MONITORING_INTERVAL', '0'],
    ['PERFORMANCE_MONITORING_INTERVAL', 'often'],
    ['PERFORMANCE_MONITORING_ENABLED', 'perhaps'],
    ['PERFORMANCE_ALERT_THRESHOLDS', '{"cpu_usage":'],
    ['PERFORMANCE_ALERT_THRESHOLDS', '{"cpu_usage":"high"}'],
    ['CACHE_MAX_SIZE', '-1'],
    ['CACHE_DEFAULT_TTL', 'NaN'],
    ['CACHE_CLEANUP_INTERVAL', '-5'],
    ['BELLWETHER_PORT', '70000'],
    ['BELLWETHER_STORE_URL', 'nowhere'],
    ['BELLWETHER_ALLOW_PRIVATE_TARGETS', '10.0.0.0/99'],
  ])('%s=%s', async (variable, value) => {
    const { code, lines } = await failure({ env: { [variable]: value } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(variable);
    expect(code).toBe(1);
  });

  test('a token that is too short is not repeated', async () => {
    const { code, lines } = await failure({ env: { BELLWETHER_TOKEN: 'too-short-a-secret' } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('BELLWETHER_TOKEN');
    expect(lines[0]).not.toContain('too-short-a-secret');
    expect(code).toBe(1);
  });

  test('a port in use', async () => {
    const first = await start({});
    const { code, lines } = await failure({ port: first.port });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(String(first.port));
    expect(code).toBe(1);
  });

  test('a data directory that cannot be written', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const server = await ServerProcess.launch({ dataDir: path.join(file, 'data') });
    const { code, stderr } = await server.finished;
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    rmSync(folder, { recursive: true });
  });

  test('a corrupt configuration file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
    const file = path.join(folder, 'bellwether.json');
    writeFileSync(file, '{"channels": [');
    const { code, lines } = await failure({ env: { BELLWETHER_CONFIG: file } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(file);
    expect(code).toBe(1);
    rmSync(folder, { recursive: true });
  });

  test('an address beyond loopback without a token', async () => {
    const { code, lines } = await failure({ env: { BELLWETHER_HOST: '0.0.0.0', BELLWETHER_TOKEN: '' } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('BELLWETHER_TOKEN');
    expect(code).toBe(1);
  });
});

test('an unknown option is a usage error, exit code 2', async () => {
  const { code } = await failure({ args: ['--no-such-option'] });
  expect(code).toBe(2);
});

test('the first token is printed once, kept in a private file and gone from it after its first use', async () => {
  const server = await start({ env: { BELLWETHER_TOKEN: '' } });
  const token = server.tokenFile();
  expect(token.length).toBeGreaterThanOrEqual(24);
  await eventually(
    async () => server.stdout,
    (stdout) => stdout.includes(token),
  );
  expect(server.stdout).toContain(token);
  expect(statSync(path.join(server.dataDir, 'token')).mode & 0o777).toBe(0o600);
  expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
  expect((await server.fetch('/api/v1/performance/health', {}, token)).status).toBe(200);
  await eventually(
    async () => existsSync(path.join(server.dataDir, 'token')),
    (exists) => !exists,
    3000,
  );
  expect(existsSync(path.join(server.dataDir, 'token'))).toBe(false);
  expect((await server.fetch('/api/v1/performance/health', {}, token)).status).toBe(200);
});

test('thresholds come from the variable, a number meaning one of severity high', async () => {
  const server = await start({ env: { PERFORMANCE_ALERT_THRESHOLDS: '{"memory_usage": 0.01}' } });
  const { body } = await eventually(
    () => server.json('/api/v1/performance/alerts'),
    (answer) => answer.body.data.count > 0,
  );
  const alert = body.data.alerts.find((one: { metric_name: string }) => one.metric_name === 'memory_usage');
  expect(alert).toMatchObject({ severity: 'high', threshold: 0.01 });
  expect(alert.message).toMatch(/^Memory usage is \d+\.\d%, exceeding threshold of 0\.01$/);
});

test('CACHE_MAX_SIZE bounds the cache', async () => {
  const server = await start({ env: { CACHE_MAX_SIZE: '123' } });
  const { body } = await server.json('/api/v1/performance/cache/stats');
  expect(body.data.max_size).toBe(123);
});

test('SIGTERM ends it within five seconds with exit code 0, and a restart has the history and the silence', async () => {
  const dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'bellwether-')), 'data');
  mkdirSync(path.dirname(dataDir), { recursive: true });
  const port = await freePort();
  const first = await ServerProcess.start({ dataDir, port });
  const sinceS = Date.now() / 1000;
  await eventually(
    () => first.json('/api/v1/query?query=count_over_time(cpu_usage[1m])'),
    (answer) => Number(answer.body.data.result[0]?.value[1]) >= 3,
  );
  const startsAt = new Date().toISOString();
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const silence = {
    matchers: [{ name: 'alertname', value: 'cpu_usage', isRegex: false, isEqual: true }],
    startsAt,
    endsAt,
    createdBy: 'test',
    comment: 'works',
  };
  expect((await first.post('/api/v2/silences', silence)).status).toBe(200);
  const beganMs = Date.now();
  const { code } = await first.stop('SIGTERM', true);
  expect(Date.now() - beganMs).toBeLessThan(5000);
  expect(code).toBe(0);
  const second = await start({ dataDir, port });
  const range = await second.json(`/api/v1/query_range?query=cpu_usage&start=${sinceS}&end=${sinceS + 5}&step=1`);
  expect(range.body.data.result.length).toBeGreaterThan(0);
  const silences = await second.json('/api/v2/silences');
  expect(JSON.stringify(silences.body)).toContain('works');
});

test('killed without warning it keeps what it acknowledged', async () => {
  const dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'bellwether-')), 'data');
  const first = await ServerProcess.start({ dataDir });
  const atMs = Date.now();
  const pushed = await first.post('/v1/metrics', {
    resourceMetrics: [
      { scopeMetrics: [{ metrics: [{ name: 'orders_open', gauge: { dataPoints: [{ asDouble: 42, timeUnixNano: `${atMs}000000` }] } }] }] },
    ],
  });
  expect(pushed.status).toBe(200);
  await first.stop('SIGKILL', true);
  const second = await start({ dataDir });
  const { body } = await second.json(`/api/v1/query?query=orders_open&time=${atMs / 1000 + 1}`);
  expect(body.data.result[0].value[1]).toBe('42');
});

test('a second server on the same data directory says who has it', async () => {
  const first = await start({});
  const second = await ServerProcess.launch({ dataDir: first.dataDir });
  const { code, stderr } = await second.finished;
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
});

test('the token works as given from outside', async () => {
  const server = await start({});
  expect(existsSync(path.join(server.dataDir, 'token'))).toBe(false);
  expect((await server.fetch('/api/v1/performance/health', {}, TOKEN)).status).toBe(200);
});
