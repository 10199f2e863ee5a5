import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { eventually, ServerProcess, TOKEN } from './server-process.ts';

const COMMAND = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../packages/server/dist/cli/bellwether.js');
const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-rules-'));
const rulesFile = path.join(folder, 'rules.yml');
const started: ServerProcess[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  rmSync(rulesFile, { force: true });
});

const RULES = (hold: string, name = 'Busy'): string => `
groups:
- name: live
  interval: 1s
  rules:
  - alert: ${name}
    expr: max(last_over_time(bellwether_store_series[1h])) >= 0
    for: ${hold}
    annotations: { summary: '{{ $value | humanize }} series' }
`;

async function start(options: Parameters<typeof ServerProcess.start>[0] = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ ...options, args: ['--rules', rulesFile] });
  started.push(server);
  return server;
}

async function alertOf(server: ServerProcess, name: string): Promise<any> {
  const { body } = await server.json('/api/v1/alerts');
  return body.data.alerts.find((alert: any) => alert.labels.alertname === name);
}

test('a rule of a file fires, and a kill neither forgets how long it was pending nor fires it twice', { timeout: 60_000 }, async () => {
  writeFileSync(rulesFile, RULES('6s'));
  const first = await start();
  const pending = await eventually(
    () => alertOf(first, 'Busy'),
    (alert) => alert?.state === 'pending' && Date.now() - Date.parse(alert.activeAt) > 3000,
  );
  expect(pending.state).toBe('pending');
  const killedAt = Date.now();
  await first.stop('SIGKILL', true);

  const second = await start({ dataDir: first.dataDir, port: first.port });
  const firing = await eventually(
    () => alertOf(second, 'Busy'),
    (alert) => alert?.state === 'firing',
  );
  expect(firing.state).toBe('firing');
  // Moved by the time in which nobody looked and no more: what it had served before the kill still counts.
  const watched = await second.json(`/api/v1/query?query=${encodeURIComponent('ALERTS_FOR_STATE{alertname="Busy"}[1h]')}`);
  const timesMs: number[] = watched.body.data.result[0].values.map(([seconds]: [number]) => seconds * 1000);
  const back = timesMs.findIndex((atMs) => atMs > killedAt);
  const outageMs = (timesMs[back] ?? 0) - (timesMs[back - 1] ?? 0);
  expect(Date.parse(firing.activeAt) - Date.parse(pending.activeAt)).toBeCloseTo(outageMs, 0);
  const { body } = await second.json('/api/v1/alerting/history?metric=Busy');
  expect(body.data.alerts).toHaveLength(1);
});

test('a reload takes new rules; a file that is not right is told by line and the old rules stay', { timeout: 60_000 }, async () => {
  writeFileSync(rulesFile, RULES('0s', 'Old'));
  const server = await start();
  await eventually(
    () => alertOf(server, 'Old'),
    (alert) => alert?.state === 'firing',
  );
  writeFileSync(rulesFile, RULES('0s', 'New').replace('expr:', 'exr:'));
  const refused = await server.post('/-/reload');
  expect(refused).toMatchObject({ status: 400, body: { code: 'rule_invalid' } });
  expect(refused.body.detail).toMatch(/rules\.yml:7: .*unknown key "exr"; allowed: alert, expr/);
  expect(await alertOf(server, 'Old')).toMatchObject({ state: 'firing' });

  writeFileSync(rulesFile, RULES('0s', 'New'));
  server.child.kill('SIGHUP');
  const alert = await eventually(
    () => alertOf(server, 'New'),
    (found) => found?.state === 'firing',
  );
  expect(alert.annotations.summary).toMatch(/^[\d.]+k? series$/);
  expect(await alertOf(server, 'Old')).toBeUndefined();
});

test('a rule file that is not right stops the start with one line', async () => {
  writeFileSync(rulesFile, 'groups:\n- name: g\n  rules: [{ alert: A, expr: "up >" }]\n');
  const server = await ServerProcess.launch({ args: ['--rules', rulesFile] });
  const { code, stderr } = await server.finished;
  rmSync(path.dirname(server.dataDir), { recursive: true, force: true });
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^bellwether: .*rules\.yml:3: .*ends too early/)]);
});

test('`bellwether test rules` has promtool’s exit codes', () => {
  writeFileSync(rulesFile, RULES('0s', 'A').replace(/expr: .*/, 'expr: up == 0'));
  const tests = path.join(folder, 'tests.yml');
  const run = (expected: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => {
    const series = `input_series: [{ series: up, values: '0x5' }]`;
    writeFileSync(
      tests,
      `rule_files: [rules.yml]\ntests:\n- ${series}\n  alert_rule_test: [{ eval_time: 1m, alertname: A, exp_alerts: ${expected} }]\n`,
    );
    return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND, 'test', 'rules', tests], { encoding: 'utf8' });
  };
  const passed = run('[{ exp_annotations: { summary: 0 series } }]');
  expect(passed).toMatchObject({ status: 0, stdout: `Unit Testing:  ${tests}\n  SUCCESS\n\n` });
  const failed = run('[]');
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('FAILED:\n    alertname: A, time: 1m, \n        exp:[], \n        got:[');
});

test('`bellwether backtest` reads the samples of a stopped server, and has a running one replay them', { timeout: 60_000 }, async () => {
  writeFileSync(rulesFile, RULES('0s'));
  const server = await start();
  await eventually(
    () => alertOf(server, 'Busy'),
    (alert) => alert?.state === 'firing',
  );
  const run = (...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => {
    const command = [COMMAND, 'backtest', '--rule', rulesFile, '--from', '5m', ...args];
    const env = { ...process.env, BELLWETHER_TOKEN: TOKEN, BELLWETHER_PORT: String(server.port) };
    return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...command], { encoding: 'utf8', env });
  };
  const url = `http://127.0.0.1:${server.port}`;
  const locked = run('--data-dir', server.dataDir);
  expect(locked.status).toBe(1);
  expect(locked.stderr.trim().split('\n')).toEqual([expect.stringContaining(`ask it: --url ${url}`)]);
  const fired = /^Busy: would have fired once\n.*evaluations every 1s, 1 series\n/;
  expect(run('--url', url)).toMatchObject({ status: 0, stdout: expect.stringMatching(fired) });
  await server.stop('SIGTERM', true);
  expect(run('--data-dir', server.dataDir)).toMatchObject({ status: 0, stdout: expect.stringMatching(fired) });
  const silent = run('--url', url);
  expect(silent).toMatchObject({ status: 1, stderr: expect.stringContaining('does not answer') });
});
