import { describe, expect, test } from 'vitest';
import { hasMariadb, hasPostgres, hasRedis, startMariadb, startPostgres, startRedis } from '../servers/servers.ts';
import { startFakeMongodb } from './fake-mongodb.ts';
import { hasFrameworks, WatchedApp } from './watched-app.ts';

const missing = Object.entries({ mariadb: hasMariadb, postgresql: hasPostgres, redis: hasRedis }).filter(([, isHere]) => !isHere);
if (missing.length > 0)
  console.warn(`SKIPPED: ${missing.map(([name]) => name).join(', ')} not installed; drivers that need them are not tested.`);

const countOf = (app: WatchedApp, metric: string, enough: number): Promise<Record<string, number>> =>
  app.series(metric, ['query'], (found) => Object.keys(found).length >= enough);

/** Names of the spans that hang below the request, once its trace is there. */
async function childrenOf(app: WatchedApp, request = 'GET /'): Promise<string[]> {
  const traces = await app.traces((found) => found.some(({ name, spans }) => name === request && spans.length > 1));
  const trace = traces.find(({ name, spans }) => name === request && spans.length > 1);
  const root = trace?.spans.find(({ kind }) => kind === 'server');
  return (trace?.spans ?? []).filter(({ parent_span_id }) => parent_span_id === root?.span_id).map(({ name }) => name);
}

describe.skipIf(!hasFrameworks)('a driver in a program watched from outside', { timeout: 90_000 }, () => {
  test.skipIf(!hasPostgres)('pg: statements, rows, failures, spans, and the wait for a connection', async () => {
    await using server = await startPostgres();
    await using app = await WatchedApp.start('pg.mjs', { args: [`${server.url}/postgres?user=postgres`] });
    await app.get('/');
    const counts = await countOf(app, 'database_query_time_count{system="postgresql",operation!="create"}', 4);
    const insert = 'INSERT INTO orders VALUES (?, …)';
    const select = 'SELECT * FROM orders WHERE customer = $1';
    const count = 'SELECT count(*) FROM orders WHERE id > ?';
    expect(counts, app.output).toEqual({ [insert]: 1, [select]: 1, [count]: 1, 'SELECT * FROM nowhere': 1 });
    expect(await countOf(app, 'database_rows_total', 3)).toMatchObject({ [insert]: 2, [select]: 1, [count]: 1 });
    expect(await countOf(app, 'database_errors_total', 1)).toEqual({ 'SELECT * FROM nowhere': 1 });
    expect((await childrenOf(app)).toSorted()).toEqual([insert, select, count, 'SELECT * FROM nowhere'].toSorted());
    const waits = await app.series('database_pool_wait_time_count', ['pool'], (found) => (found['postgres'] ?? 0) >= 5);
    expect(waits).toEqual({ postgres: 5 });
    const pool = await app.series('database_pool_connections', ['pool', 'state'], (found) => found['postgres idle'] === 1);
    expect(pool).toEqual({ 'postgres idle': 1, 'postgres used': 0 });
  });

  test.skipIf(!hasMariadb)('mysql2: statements without their values, rows, failures, spans, the pool', async () => {
    await using server = await startMariadb();
    await using app = await WatchedApp.start('mysql2.cjs', { args: [server.url] });
    await app.get('/');
    const counts = await countOf(app, 'database_query_time_count{system="mysql",operation!="create"}', 3);
    const insert = 'INSERT INTO orders VALUES (?, …)';
    const select = 'SELECT * FROM orders WHERE customer = ?';
    expect(counts, app.output).toEqual({ [insert]: 1, [select]: 1, 'SELECT * FROM nowhere': 1 });
    expect(await countOf(app, 'database_rows_total', 2)).toMatchObject({ [insert]: 2, [select]: 1 });
    expect(await countOf(app, 'database_errors_total', 1)).toEqual({ 'SELECT * FROM nowhere': 1 });
    expect(await childrenOf(app)).toEqual([insert, select, 'SELECT * FROM nowhere']);
    const waits = await app.series('database_pool_wait_time_count', ['pool'], (found) => (found['test'] ?? 0) >= 4);
    expect(waits['test']).toBeGreaterThanOrEqual(4);
    const pool = await app.series('database_pool_connections', ['pool', 'state'], (found) => found['test idle'] === 1);
    expect(pool).toEqual({ 'test idle': 1, 'test used': 0 });
  });

  test.skipIf(!hasRedis).each(['redis.mjs', 'ioredis.cjs'])(
    '%s: commands by name, never keys or values; those that wait by design are left out',
    async (file) => {
      await using server = await startRedis();
      await using app = await WatchedApp.start(file, { args: [server.url] });
      await app.get('/');
      const counts = await countOf(app, 'database_query_time_count{system="redis",query=~"SET|GET|LPUSH|BLPOP"}', 3);
      expect(counts, app.output).toEqual({ SET: 1, GET: 1, LPUSH: 1 });
      expect(await countOf(app, 'database_errors_total{query!="CLIENT"}', 1)).toEqual({ LPUSH: 1 });
      expect(await childrenOf(app)).toEqual(['SET', 'GET', 'LPUSH']);
    },
  );

  test.skipIf(!hasRedis)('BullMQ: jobs by queue and name, their wait, their failures, a trace each', async () => {
    await using server = await startRedis();
    await using app = await WatchedApp.start('bullmq.mjs', { args: [server.url] });
    await app.get('/');
    const jobs = await app.series('queue_job_time_count', ['queue', 'job'], (found) => Object.keys(found).length >= 2);
    expect(jobs, app.output).toEqual({ 'mail welcome': 1, 'mail broken': 1 });
    expect(await app.series('queue_job_failures_total', ['job'], (found) => found['broken'] === 1)).toEqual({ broken: 1 });
    expect(await app.series('queue_wait_time_count', ['queue'], (found) => found['mail'] === 2)).toEqual({ mail: 2 });
    const traces = await app.traces((found) => found.some(({ name }) => name === 'mail broken'));
    expect(traces.find(({ name }) => name === 'mail broken')?.spans.find(({ kind }) => kind === 'consumer')?.failed).toBe(true);
  });

  test('MongoDB, against a stand-in: commands by collection and field names, rows, failures, spans', async () => {
    console.warn('MongoDB: no server to be had here, so a stand-in speaks its wire protocol.');
    await using server = await startFakeMongodb();
    await using app = await WatchedApp.start('mongodb.mjs', { args: [server.url] });
    await app.get('/');
    const counts = await countOf(app, 'database_query_time_count{system="mongodb"}', 4);
    const told = ['insert orders', 'find orders {age, customer}', 'update orders {?}', 'delete orders {broken}'];
    expect(Object.keys(counts).toSorted(), app.output).toEqual(told.toSorted());
    expect(await countOf(app, 'database_rows_total', 3)).toEqual({ [told[0] ?? '']: 1, [told[1] ?? '']: 2, [told[2] ?? '']: 3 });
    expect(await countOf(app, 'database_errors_total', 1)).toEqual({ 'delete orders {broken}': 1 });
    expect(await childrenOf(app)).toEqual(told);
  });
});
