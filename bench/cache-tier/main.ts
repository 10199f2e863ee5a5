/**
 * Three instances of one cache on a real Redis, each behind a network of its own that can be cut, beside rivals: what a hit costs, and how many keys are stale or lost
 * after each accident. Counts are out of `KEYS`. `--json`: one line a row.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { hasRedis, startRedis } from '../../tests/servers/servers.ts';
import { CONTESTANTS, type Contestant, type Instance } from './contestants.ts';
import { Proxy } from './proxy.ts';

const KEYS = 200;
const HITS = 20_000;
const OUTAGE_MS = 1500;
/** Longer than any contestant's way back. */
const RECOVERY_MS = 6000;
const isJson = process.argv.includes('--json');
const rows: Record<string, string | number>[] = [];

if (!hasRedis) throw new Error('redis-server is not installed: npm run servers');

interface Scene {
  readonly a: Instance;
  readonly b: Instance;
  readonly proxyOfA: Proxy;
  readonly proxyOfB: Proxy;
  /** Commands the server has run, but for our own questions. */
  commands(): Promise<number>;
}
type Scenario = (scene: Scene) => Promise<Readonly<Record<string, number>>>;

const quietly = async (work: Promise<unknown>): Promise<void> => {
  await Promise.race([work.catch(() => undefined), sleep(3000, undefined, { ref: false })]);
};
const each = async (work: (key: string, at: number) => Promise<unknown>, count = KEYS): Promise<void> => {
  for (let at = 0; at < count; at++) await work(`k${at}`, at);
};
async function countOf(instance: Instance, isBad: (value: unknown, at: number) => boolean, count = KEYS): Promise<number> {
  let bad = 0;
  await each(async (key, at) => {
    if (isBad(await instance.get(key), at)) bad++;
  }, count);
  return bad;
}
/** Runs with this process's wall clock moved: the one who works is alone at it. */
async function withClock<T>(byMs: number, work: () => Promise<T>): Promise<T> {
  const real = Date.now;
  Date.now = () => real() + byMs;
  try {
    return await work();
  } finally {
    Date.now = real;
  }
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'get-or-load hit in memory': async ({ a, commands }) => {
    await a.getOrLoad('k', async () => ({ name: 'Ada' }));
    for (let warm = 0; warm < 2000; warm++) await a.getOrLoad('k', async () => 0);
    const before = await commands();
    const cpu = process.cpuUsage();
    for (let hit = 0; hit < HITS; hit++) await a.getOrLoad('k', async () => 0);
    const { user, system } = process.cpuUsage(cpu);
    return { 'commands a hit': ((await commands()) - before) / HITS, 'ns a hit': Math.round(((user + system) * 1000) / HITS) };
  },
  'write right after an invalidation of another instance': async ({ a, b }) => {
    let lost = 0;
    await each(async (key, at) => {
      await a.deleteTag();
      await b.set(key, at);
      if ((await b.get(key)) !== at || (await a.get(key)) !== at) lost++;
    });
    return { lost };
  },
  'the same, clock of the invalidating instance 2 s ahead': async ({ a, b }) => {
    let lost = 0;
    await each(async (key, at) => {
      await withClock(2000, () => a.deleteTag());
      await b.set(key, at);
      if ((await b.get(key)) !== at) lost++;
    });
    return { lost };
  },
  'invalidation by an instance whose clock is 2 s behind': async ({ a, b }) => {
    let stale = 0;
    let longestMs = 0;
    await each(async (key, at) => {
      await b.set(key, at);
      await withClock(-2000, () => a.deleteTag());
      const startedAtMs = performance.now();
      while ((await b.get(key)) === at && performance.now() - startedAtMs < 500) await sleep(1);
      const tookMs = performance.now() - startedAtMs;
      if (tookMs < 500) longestMs = Math.max(longestMs, Math.round(tookMs));
      else stale++;
    }, KEYS / 4);
    return { [`stale after 500 ms of ${KEYS / 4}`]: stale, 'longest until heard, ms': longestMs };
  },
  'bus of an instance cut while another invalidates': async ({ a, b, proxyOfB }) => {
    await each((key) => b.set(key, 'old'));
    proxyOfB.cut();
    await each((key) => a.delete(key));
    await sleep(OUTAGE_MS);
    proxyOfB.mend();
    await sleep(RECOVERY_MS);
    return { stale: await countOf(b, (value) => value === 'old') };
  },
  'an instance invalidates while it is cut off': async ({ a, b, proxyOfA }) => {
    await each((key) => b.set(key, 'old'));
    await each((key) => a.get(key));
    proxyOfA.cut();
    await Promise.all(Array.from({ length: KEYS }, (_key, at) => quietly(a.delete(`k${at}`))));
    await sleep(OUTAGE_MS);
    proxyOfA.mend();
    await sleep(RECOVERY_MS);
    return { 'stale at others': await countOf(b, (value) => value === 'old'), 'stale here': await countOf(a, (value) => value === 'old') };
  },
  'an invalidation of another instance during a load': async ({ a, b }) => {
    let stale = 0;
    await each(async (key) => {
      const started = Promise.withResolvers<void>();
      const finished = Promise.withResolvers<string>();
      const loading = a.getOrLoad(key, () => {
        started.resolve();
        return finished.promise;
      });
      await started.promise;
      await b.delete(key);
      finished.resolve('old');
      await loading;
      await sleep(20);
      if ((await a.get(key)) === 'old' || (await b.get(key)) === 'old') stale++;
    }, KEYS / 4);
    return { [`stale of ${KEYS / 4}`]: stale };
  },
};

async function play(contestant: Contestant, scenario: Scenario): Promise<Readonly<Record<string, number | string>>> {
  await using server = await startRedis();
  const [proxyOfA, proxyOfB] = [new Proxy(server.port), new Proxy(server.port)];
  const [a, b] = [await contestant.start(await proxyOfA.listen()), await contestant.start(await proxyOfB.listen())];
  const admin = createClient({ url: server.url });
  await admin.connect();
  const commands = async (): Promise<number> => {
    const calls = (await admin.info('commandstats')).matchAll(/^cmdstat_(?!info|hello|client|ping)[^:]*:calls=(\d+)/gm);
    return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  try {
    // Connections open, subscriptions stand.
    await a.get('warm');
    await b.get('warm');
    await sleep(500);
    return await scenario({ a, b, proxyOfA, proxyOfB, commands });
  } catch (error) {
    return { failed: String(error).slice(0, 80) };
  } finally {
    admin.destroy();
    await Promise.all([quietly((async () => a.close())()), quietly((async () => b.close())())]);
    proxyOfA.close();
    proxyOfB.close();
  }
}

// A rival's connection that breaks may throw where nobody can catch it; that is counted by what it leaves behind.
process.on('uncaughtException', () => undefined);
process.on('unhandledRejection', () => undefined);
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7);
for (const [row, scenario] of Object.entries(SCENARIOS)) {
  if (only !== undefined && !row.includes(only)) continue;
  for (const contestant of CONTESTANTS) {
    const figures = await play(contestant, scenario);
    for (const [what, figure] of Object.entries(figures)) {
      const line = { bench: 'cache-tier', row, contestant: contestant.name, what, figure };
      rows.push(line);
      if (isJson) console.log(JSON.stringify(line));
    }
  }
}
if (!isJson) console.table(rows.map(({ bench: _bench, ...shown }) => shown));
process.exit(0);
