/** The oldest Node that is promised to work and the newest there is; the other tests run on the one that the scripts bring. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually, ServerProcess, TOKEN } from './server-process.ts';

const FOLDER = import.meta.dirname;
const nodes = ['node-22', 'node-26'].map((name) => ({
  name,
  node: path.join(FOLDER, '../frameworks/node_modules', name, 'bin/node'),
}));
const missing = nodes.filter(({ node }) => !existsSync(node)).map(({ name }) => name);
if (missing.length > 0) console.warn(`SKIPPED: ${missing.join(' and ')} cannot be had on this platform, so nothing is tested on it.`);

const PROGRAM = `
import { createServer } from 'node:http';
import { performanceMonitor } from '@bellwether/monitor';
import { enhancedCache } from '@bellwether/cache';
await performanceMonitor.startMonitoring({ interval: 1, api: { port: 0 } });
const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
await fetch('http://127.0.0.1:' + server.address().port + '/orders');
await enhancedCache.set('user:1', { name: 'Ada' }, { tags: ['user'] });
const hit = await enhancedCache.get('user:1');
const removed = await enhancedCache.deleteByTags(['user']);
await performanceMonitor.measureExecutionTime('work', async () => 1);
performanceMonitor.thresholds = { memory_usage: { warning: 0.01, critical: 99.9 } };
const isTold = () => performanceMonitor.getActiveAlerts().some(({ metric_name }) => metric_name === 'memory_usage') && 'execution_time_work' in performanceMonitor.getMetricsSummary();
for (let tries = 0; !isTold() && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
const summary = performanceMonitor.getMetricsSummary();
const alerts = performanceMonitor.getActiveAlerts();
await performanceMonitor.stopMonitoring();
server.close();
console.log(JSON.stringify({ hit, removed, metrics: Object.keys(summary), alerts: alerts.map(({ metric_name }) => metric_name) }));
`;

describe.each(nodes)('on $name', ({ node }) => {
  test.skipIf(!existsSync(node))('a program is watched, with its API and its cache', { timeout: 60_000 }, () => {
    const program = spawnSync(node, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PROGRAM], {
      cwd: FOLDER,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', BELLWETHER_DATA_DIR: ':memory:', BELLWETHER_TOKEN: TOKEN },
      timeout: 40_000,
    });
    expect(program.status, program.stderr).toBe(0);
    const told = JSON.parse(program.stdout.trim().split('\n').at(-1) ?? 'null');
    expect(told).toMatchObject({ hit: { name: 'Ada' }, removed: 1, alerts: expect.arrayContaining(['memory_usage']) });
    expect(told.metrics).toEqual(expect.arrayContaining(['cpu_usage', 'memory_usage', 'execution_time_work']));
  });

  test.skipIf(!existsSync(node))('a server starts, keeps its samples over a kill, and stops', { timeout: 60_000 }, async () => {
    const first = await ServerProcess.start({ node });
    const cpu = (server: ServerProcess) => server.json('/api/v1/query?query=count_over_time(cpu_usage[10m])');
    const before = await eventually(
      () => cpu(first),
      ({ body }) => Number(body.data?.result[0]?.value[1]) >= 2,
    );
    await first.stop('SIGKILL', true);
    const second = await ServerProcess.start({ node, dataDir: first.dataDir });
    const after = await cpu(second);
    expect(Number(after.body.data.result[0].value[1])).toBeGreaterThanOrEqual(Number(before.body.data.result[0].value[1]));
    expect((await second.json('/api/v1/performance/health')).body.data.health_status).toBeTypeOf('string');
    expect((await second.stop()).code).toBe(0);
  });
});
