import { expect, it } from 'vitest';
import type { TierConnection } from '../tiers/cache-tier.ts';
import { UNKNOWN_POSITION } from './invalidation-log.ts';

const KEY = { keys: ['k'], tags: [], isEverything: false };

/** What every `InvalidationBus` does. `make` gives connections to a tier that is empty for each test; `afterMs` lets time pass. */
export function invalidationBusContract(make: () => Promise<{ connect(): TierConnection; afterMs(ms: number): Promise<void> }>): void {
  it('contract: the bell rings for an invalidation made while waiting, long before the time is over', async () => {
    const { connect, afterMs } = await make();
    const [a, b] = [connect(), connect()];
    const { position } = await a.sync(UNKNOWN_POSITION, 10);
    let rang = false;
    const waited = listening(a, position).then(() => (rang = true));
    await afterMs(100);
    expect(rang).toBe(false);
    await b.invalidate({ ...KEY, since: UNKNOWN_POSITION, mark: 'b:1' });
    await waited;
    const { entries } = await a.sync(position, 10);
    expect(entries).toMatchObject([{ mark: 'b:1', keys: ['k'] }]);
    a.close();
    b.close();
  });
  it('contract: an invalidation made before the wait began is not slept through', async () => {
    const { connect } = await make();
    const [a, b] = [connect(), connect()];
    const { position } = await a.sync(UNKNOWN_POSITION, 10);
    await b.invalidate({ ...KEY, since: UNKNOWN_POSITION, mark: 'b:1' });
    await listening(a, position);
    expect((await a.sync(position, 10)).entries).toHaveLength(1);
    a.close();
    b.close();
  });
  it('contract: one who knows no position does not wait', async () => {
    const { connect } = await make();
    const a = connect();
    await a.wait(UNKNOWN_POSITION, 60_000);
    expect((await a.sync(UNKNOWN_POSITION, 10)).isCaughtUp).toBe(true);
    a.close();
  });
  it('contract: without an invalidation the wait ends with its time', async () => {
    const { connect, afterMs } = await make();
    const a = connect();
    const { position } = await a.sync(UNKNOWN_POSITION, 10);
    let hasEnded = false;
    const waited = listening(a, position, 150).then(() => (hasEnded = true));
    await afterMs(20);
    expect(hasEnded).toBe(false);
    await afterMs(400);
    await waited;
    expect(hasEnded).toBe(true);
    a.close();
  });

  /** Waits; a bell whose connection is still opening refuses, and is asked again. */
  async function listening(connection: TierConnection, position: Parameters<TierConnection['wait']>[0], withinMs = 60_000): Promise<void> {
    for (;;) {
      const isRefused = await connection.wait(position, withinMs).then(
        () => false,
        () => true,
      );
      if (!isRefused) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
