import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FOLDER = path.dirname(fileURLToPath(import.meta.url));

/** Runs a program as a user of the published packages would; returns what it printed as JSON. */
function runProgram(source: string, env: Record<string, string> = {}): any {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    cwd: FOLDER,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', BELLWETHER_DATA_DIR: path.join(dataDir, 'data'), ...env },
    timeout: 30_000,
  });
  rmSync(dataDir, { recursive: true, force: true });
  if (result.status !== 0) throw new Error(`exit code ${result.status}\n${result.stdout}\n${result.stderr}`);
  expect(result.stderr).toBe('');
  return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? 'null');
}

test('the guide’s monitoring example runs on a worker thread and yields real values', () => {
  const out = runProgram(`
    import { performanceMonitor } from '@bellwether/monitor';
    await performanceMonitor.startMonitoring({ interval: 1 });
    performanceMonitor.recordCustomMetric('api_requests', 150, 'count');
    performanceMonitor.recordCustomMetric('response_time', 250, 'ms', { route: '/orders' });
    const rows = await performanceMonitor.measureExecutionTime('database_query', async () => 7);
    { await using _ = performanceMonitor.measureExecutionTime('database_query'); await new Promise((r) => setTimeout(r, 20)); }
    const summary = performanceMonitor.getMetricsSummary();
    performanceMonitor.thresholds = { memory_usage: { warning: 0.01, critical: 99.9 } };
    await new Promise((r) => setTimeout(r, 4000));
    const alerts = performanceMonitor.getActiveAlerts();
    const later = performanceMonitor.getMetricsSummary();
    const recommendations = performanceMonitor.getRecommendations();
    await performanceMonitor.stopMonitoring();
    console.log(JSON.stringify({ rows, summary, alerts, later, recommendations }));
  `);
  expect(out.rows).toBe(7);
  expect(out.summary.cpu_usage.current).toBeGreaterThanOrEqual(0);
  expect(out.summary.memory_usage.current).toBeGreaterThan(0);
  expect(out.summary.api_requests).toMatchObject({ current: 150, min: 150, max: 150, average: 150, unit: 'count' });
  expect(out.summary.response_time).toMatchObject({ current: 250, unit: 'ms' });
  expect(out.summary.execution_time_database_query).toMatchObject({ unit: 'ms' });
  expect(out.later.execution_time_database_query.max).toBeGreaterThanOrEqual(15);
  expect(out.later.api_requests.current).toBe(150);
  const alert = out.alerts.find((one: { metric_name: string }) => one.metric_name === 'memory_usage');
  expect(alert).toMatchObject({ severity: 'medium', threshold: 0.01 });
  expect(Array.isArray(out.recommendations)).toBe(true);
});

test('a disabled monitor is a no-op that still runs the work', () => {
  const out = runProgram(
    `
    import { performanceMonitor } from '@bellwether/monitor';
    await performanceMonitor.startMonitoring();
    performanceMonitor.recordCustomMetric('x', 1, 'count');
    const value = performanceMonitor.measureExecutionTime('x', () => 5);
    { await using _ = performanceMonitor.measureExecutionTime('x'); }
    const names = Object.keys(performanceMonitor.getMetricsSummary());
    await performanceMonitor.stopMonitoring();
    console.log(JSON.stringify({ value, names }));
  `,
    { PERFORMANCE_MONITORING_ENABLED: 'false' },
  );
  expect(out.value).toBe(5);
  expect(out.names).not.toContain('x');
});

test('the guide’s cache example', () => {
  const out = runProgram(
    `
    import { enhancedCache, createEnhancedCache } from '@bellwether/cache';
    await enhancedCache.set('user:123', { name: 'Ada' }, { ttl: 3600, tags: ['user', 'premium'] });
    const hit = await enhancedCache.get('user:123');
    const miss = await enhancedCache.get('nobody');
    await enhancedCache.set('m', 1, { tags: ['market/456'] });
    const removed = await enhancedCache.deleteByTags(['market']);
    enhancedCache.setSync('s', 1, { ttl: 3600 });
    let calls = 0;
    const quote = enhancedCache.wrap(async (x, y) => (calls++, x * y), { ttl: 300, keyPrefix: 'api', tags: ['quotes'] });
    const products = [await quote(6, 7), await quote(6, 7)];
    const other = createEnhancedCache({ name: 'other', maxSize: 10 });
    console.log(JSON.stringify({ hit, missed: miss === undefined, removed, sync: enhancedCache.getSync('s'), products, calls, stats: enhancedCache.stats(), other: other.stats() }));
  `,
    { CACHE_MAX_SIZE: '77' },
  );
  expect(out).toMatchObject({ hit: { name: 'Ada' }, missed: true, removed: 1, sync: 1, products: [42, 42], calls: 1 });
  expect(out.stats).toMatchObject({ max_size: 77 });
  expect(out.other).toMatchObject({ max_size: 10, hits: 0 });
});

test('the embedded API serves on the worker thread while the main thread is blocked', () => {
  const out = runProgram(
    `
    import { performanceMonitor } from '@bellwether/monitor';
    import { enhancedCache } from '@bellwether/cache';
    import { Worker } from 'node:worker_threads';
    await enhancedCache.set('user:1', 1, { tags: ['user'] });
    await performanceMonitor.startMonitoring({ interval: 1, api: { port: 0 } });
    const get = (route, init) => fetch(performanceMonitor.apiUrl + route, { ...init, headers: { authorization: 'Bearer embedded-token-embedded-token', 'content-type': 'application/json' } }).then((r) => r.json());
    const stats = await get('/api/v1/performance/cache/stats');
    const entries = await get('/api/v1/performance/cache/entries');
    const cleared = await get('/api/v1/performance/cache/clear', { method: 'POST', body: '{"tags":["user"]}' });
    const asker = new Worker(\`
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.once('message', async () => {
        const answer = await fetch(workerData + '/api/v1/performance/health', { headers: { authorization: 'Bearer embedded-token-embedded-token' } }).then((r) => r.json());
        parentPort.postMessage({ answeredAtMs: Date.now(), status: answer.status });
      });
    \`, { eval: true, workerData: performanceMonitor.apiUrl });
    await new Promise((r) => asker.once('online', r));
    await new Promise((r) => setTimeout(r, 200));
    asker.postMessage('go');
    const until = Date.now() + 1500; while (Date.now() < until);
    const blocked = await new Promise((r) => asker.once('message', r));
    await asker.terminate();
    await performanceMonitor.stopMonitoring();
    console.log(JSON.stringify({ stats, entries, cleared, blocked, unblockedAtMs: until }));
  `,
    { BELLWETHER_TOKEN: 'embedded-token-embedded-token' },
  );
  expect(out.stats.data.entry_count).toBe(1);
  expect(out.entries.data.entries[0]).toMatchObject({ key: 'user:1', tags: ['user'] });
  expect(out.cleared.message).toBe("Cleared 1 cache entries with tags: ['user']");
  expect(out.blocked).toMatchObject({ status: 'success' });
  expect(out.blocked.answeredAtMs).toBeLessThan(out.unblockedAtMs);
});
