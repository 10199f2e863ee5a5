import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, startRedis, type TestServer } from '../../../../../tests/servers/servers.ts';
import { invalidationBusContract } from '../../bus/invalidation-bus.contract.ts';
import { UNKNOWN_POSITION } from '../../bus/invalidation-log.ts';
import { cacheTierContract } from '../cache-tier.contract.ts';
import { LastingConnection, type RedisClient, clientFor } from './redis-client.ts';
import { RedisTierConnection } from './redis-tier.ts';

if (!hasRedis) console.warn('SKIPPED: redis-server is not installed; run npm run servers');

describe.skipIf(!hasRedis)('the tier on a real Redis', () => {
  let server: TestServer;
  const admin = async (...command: string[]): Promise<unknown> => {
    const client = createClient({ url: server.url });
    await client.connect();
    const answer = await client.sendCommand(command);
    client.destroy();
    return answer;
  };
  const bounds = { logLength: 300, mostTags: 20 };
  const connect = (options: Partial<ConstructorParameters<typeof RedisTierConnection>[0]> = {}): RedisTierConnection =>
    new RedisTierConnection({ client: opened, ownsClient: false, prefix: 'test', ...bounds, ...options });
  const clients: RedisClient[] = [];
  async function opened(): Promise<RedisClient> {
    const client = await clientFor(server.url);
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server[Symbol.asyncDispose]();
  });

  describe('values, leases and the log', () => {
    cacheTierContract(async () => {
      await admin('FLUSHALL');
      // Redis trims whole nodes of a stream: a hundred steps each.
      return { connect, lose: async () => void (await admin('FLUSHALL')), ...bounds, logSlack: 200 };
    });
  });
  describe('the bell', () => {
    invalidationBusContract(async () => {
      await admin('FLUSHALL');
      return { connect, afterMs: (ms) => sleep(ms) };
    });
  });

  it.each(['meta', 'tags'])('when memory pressure evicts the record %s, no older value is valid', async (record) => {
    await admin('FLUSHALL');
    const tier = connect();
    const since = UNKNOWN_POSITION;
    await tier.read({ since, key: 'k', token: 'a:1', leaseMs: 1000 });
    const head = { tags: ['t'], keptForMs: 0, loadMs: 0 };
    expect(await tier.fillValue({ since, key: 'k', token: 'a:1', head, body: new Uint8Array([1]), ttlMs: 60_000 })).toMatchObject({
      wasKept: true,
    });
    await tier.invalidate({ since, keys: [], tags: ['t'], isEverything: false, mark: 'a:2' });
    await admin('DEL', `{test}:1:${record}`);
    expect(await tier.read({ since, key: 'k' })).toMatchObject({ kind: 'miss' });
    tier.close();
  });
  it('everything it writes begins with its prefix, has an end or a bound, and is held together for a cluster', async () => {
    await admin('FLUSHALL');
    const tier = connect({ prefix: 'mine' });
    const since = UNKNOWN_POSITION;
    for (let at = 0; at < 700; at++) await tier.invalidate({ since, keys: [], tags: [`t${at}`], isEverything: false, mark: `a:${at}` });
    await tier.read({ since, key: 'k', token: 'a:k', leaseMs: 60_000 });
    await tier.read({ since, key: 'j', token: 'a:j', leaseMs: 60_000 });
    const head = { tags: ['t'], keptForMs: 0, loadMs: 0 };
    await tier.fillValue({ since, key: 'k', token: 'a:k', head, body: new Uint8Array([1]), ttlMs: 60_000 });
    expect(((await admin('KEYS', '*')) as string[]).toSorted()).toEqual(
      ['l:j', 'log', 'meta', 'tags', 'v:k'].map((name) => `{mine}:1:${name}`),
    );
    expect(await admin('PTTL', '{mine}:1:l:j')).toBeGreaterThan(0);
    expect(await admin('PTTL', '{mine}:1:v:k')).toBeGreaterThan(0);
    expect(await admin('XLEN', '{mine}:1:log')).toBeLessThan(501);
    expect(await admin('ZCARD', '{mine}:1:tags')).toBe(bounds.mostTags + 1);
    tier.close();
  });
  it('regression: a connection dropped while it opens is opened anew, works, and leaves nothing behind', async () => {
    const pattern = await clientFor(server.url);
    const connection = new LastingConnection(() => pattern.duplicate({ name: 'lasting' }));
    const dropped = connection.ready();
    connection.close();
    await expect(dropped).rejects.toThrow('not open');
    const client = await connection.ready();
    expect(await client.sendCommand(['PING'])).toBe('PONG');
    const names = async (): Promise<number> => String(await admin('CLIENT', 'LIST')).match(/name=lasting/g)?.length ?? 0;
    await expect.poll(names).toBe(1);
    connection.close();
    await expect.poll(names).toBe(0);
  });
});
