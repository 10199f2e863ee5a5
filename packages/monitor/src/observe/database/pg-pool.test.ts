import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { observePgPool } from './pg-pool.ts';
import { createRegistry } from '../../instruments/registry.ts';

class FakeClient {
  query(text: unknown, ...rest: unknown[]): unknown {
    const callback = rest.at(-1);
    const result = { rowCount: 3 };
    if (typeof callback === 'function') return void callback(null, result);
    return text === 'SELECT broken' ? Promise.reject(new Error('broken')) : Promise.resolve(result);
  }
}
class FakePool extends EventEmitter {
  totalCount = 4;
  idleCount = 1;
  waitingCount = 2;
}

test('statements of taken clients are measured in both styles, and the pool is watched', async () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const pool = new FakePool();
  const observed = observePgPool(registry, pool, { clock, name: 'main' });
  const client = new FakeClient();
  pool.emit('connect', client);
  pool.emit('acquire', client);
  expect(await client.query('SELECT 1')).toEqual({ rowCount: 3 });
  await expect(client.query('SELECT broken')).rejects.toThrow('broken');
  client.query('SELECT 2', (_error: unknown, result: unknown) => expect(result).toEqual({ rowCount: 3 }));
  client.query({ text: 'cursor', submit() {} });
  observed[Symbol.dispose]();
  await client.query('SELECT 3');
  expect(registry.localSummary().get('database_query_time')?.samples).toBe(3);

  const again = observePgPool(registry, pool, { clock, name: 'main' });
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  const found = Object.fromEntries(
    [...(batch?.slots ?? [])].map((slot, i) => {
      const { name = '', labels = {} } = batch?.newSeries[slot] ?? {};
      return [`${name} ${labels['state'] ?? labels['query'] ?? ''}`.trim(), batch?.values[i]];
    }),
  );
  expect(found).toMatchObject({
    'database_pool_connections idle': 1,
    'database_pool_connections used': 3,
    database_pool_waiting: 2,
    'database_errors_total SELECT broken': 1,
    'database_rows_total SELECT ?': 6,
  });
  again[Symbol.dispose]();
});
