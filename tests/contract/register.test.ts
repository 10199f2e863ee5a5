import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Runs a program under `--import @bellwether/monitor/register`, as a user of the published packages would. */
function run(
  source: string,
  options: { readonly type?: 'module' | 'commonjs'; readonly env?: Record<string, string>; readonly twice?: boolean } = {},
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const load = ['--import', '@bellwether/monitor/register'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...load, ...(options.twice === true ? load : []), `--input-type=${options.type ?? 'module'}`, '-e', source],
    {
      cwd: path.resolve(import.meta.dirname),
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', BELLWETHER_DATA_DIR: ':memory:', PERFORMANCE_MONITORING_INTERVAL: '1', ...options.env },
      timeout: 30_000,
    },
  );
  return { status, stdout, stderr };
}

const SERVE_AND_TELL = `
  server.listen(0, '127.0.0.1', async () => {
    await (await fetch('http://127.0.0.1:' + server.address().port + '/orders/7?token=secret')).text();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const { performanceMonitor } = await import('@bellwether/monitor');
    const { api_response_time: time, database_query_time: query } = performanceMonitor.getMetricsSummary();
    console.log(JSON.stringify([time?.unit, time?.max > 0, query?.max > 0]));
    server.close();
    await performanceMonitor.stopMonitoring();
  });
`;

test('an ESM program has its requests and statements measured without a line of its own, loaded twice as well as once', () => {
  const { status, stdout, stderr } = run(
    `
    import { createServer } from 'node:http';
    import { DatabaseSync } from 'node:sqlite';
    const database = new DatabaseSync(':memory:');
    const server = createServer((request, response) => { database.prepare('SELECT 1').get(); response.end('ok'); });
    ${SERVE_AND_TELL}`,
    { twice: true, env: { NODE_NO_WARNINGS: '1' } },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual(['ms', true, true]);
});

test('so has a CommonJS program', () => {
  const { status, stdout, stderr } = run(
    `
    const { createServer } = require('node:http');
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(':memory:');
    const server = createServer((request, response) => { database.prepare('SELECT 1').get(); response.end('ok'); });
    ${SERVE_AND_TELL}`,
    { type: 'commonjs', env: { NODE_NO_WARNINGS: '1' } },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual(['ms', true, true]);
});

test('a program ends when it would, with its own exit code, and its worker threads work', () => {
  const source = `
    import { Worker } from 'node:worker_threads';
    const worker = new Worker('import("node:worker_threads").then(({ parentPort }) => parentPort.postMessage(7))', { eval: true });
    worker.on('message', (seven) => { console.log(seven); process.exitCode = 3; });
  `;
  expect(run(source, { env: { NODE_NO_WARNINGS: '1' } })).toEqual({ status: 3, stdout: '7\n', stderr: '' });
});

test('a crash is the program’s own', () => {
  const { status, stderr } = run(`setTimeout(() => { throw new RangeError('mine') }, 300)`);
  expect(status).toBe(1);
  expect(stderr).toContain('RangeError: mine');
});

test('a setting that makes no sense is one warning, and the program runs', () => {
  for (const env of [
    { PERFORMANCE_MONITORING_INTERVAL: '0' },
    { BELLWETHER_PORT: 'x' },
    { BELLWETHER_PUSH_URL: 'ftp://user:secret@host' },
    { BELLWETHER_TRACE_RATIO: '2' },
  ]) {
    const { status, stdout, stderr } = run(`console.log('works')`, { env: env as Record<string, string> });
    expect([status, stdout]).toEqual([0, 'works\n']);
    expect(stderr).toContain(Object.keys(env)[0]);
    expect(stderr).not.toContain('secret');
    expect(stderr.match(/The monitor did not start/g)).toHaveLength(1);
  }
});

test('disabled, it does nothing at all', () => {
  const source = `
    import { channel } from 'node:diagnostics_channel';
    console.log(channel('http.server.request.start').hasSubscribers, process.listenerCount('uncaughtExceptionMonitor'));
  `;
  expect(run(source, { env: { PERFORMANCE_MONITORING_ENABLED: 'false' } })).toEqual({ status: 0, stdout: 'false 0\n', stderr: '' });
});
