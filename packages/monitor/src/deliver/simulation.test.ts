import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { openSqliteStateStore } from '../store/state-store-sqlite.ts';
import { Day } from './testing/simulation/day.ts';
import type { DaysResult, DaysWork } from './testing/simulation/days-worker.ts';
import { brokenPromises } from './testing/simulation/promises.ts';
import { SABOTAGES } from './testing/simulation/sabotage.ts';

/** Ten thousand take some minutes: BELLWETHER_SIMULATED_DAYS=10000. */
const DAYS = Number(process.env['BELLWETHER_SIMULATED_DAYS'] ?? 60);
const FIRST = Number(process.env['BELLWETHER_SIMULATION_SEED'] ?? 1);
/** Fewer are not worth a thread. */
const FEWEST_DAYS = 30;
const MOST_THREADS = 2;
/** The rarest sabotage is noticed after some tens of days. */
const MOST_SABOTAGED_DAYS = 200;

function onThread(workerData: DaysWork): Promise<DaysResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('testing/simulation/days-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: 64 },
    });
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread ended with ${code} and without a word`)));
  });
}

test('property: whatever breaks, dies, is silenced or jumps in a day, every firing is told with its end or has a reason', async () => {
  const threads = Math.max(1, Math.min(MOST_THREADS, availableParallelism(), Math.floor(DAYS / FEWEST_DAYS)));
  const startOf = (thread: number): number => FIRST + Math.round((DAYS * thread) / threads);
  const shares = Array.from({ length: threads }, (_, i) => ({ first: startOf(i), days: startOf(i + 1) - startOf(i) }));
  const results = await Promise.all(shares.map(onThread));
  const broken = results.flatMap((result) => result.broken);
  expect(broken, broken.map(({ seed, promises }) => `seed ${seed}: ${promises.join('; ')}`).join('\n')).toEqual([]);
  for (const count of ['alerts', 'messages', 'escalations', 'repetitions'] as const)
    expect(
      results.reduce((sum, result) => sum + result[count], 0),
      count,
    ).toBeGreaterThan(DAYS);
}, 3_600_000);

/** An end in quiet hours overtaken by an escalation that an outage held back; an escalation and a change of severity at one moment. */
test.each([4794, 4339])('regression: nothing is left open on day %i', async (seed) => {
  await using store = await openSqliteStateStore({ path: ':memory:', clock: new FakeClock() });
  expect(brokenPromises(await (await Day.open(seed, store)).run())).toEqual([]);
});

test.each(SABOTAGES)(
  'the promises notice a product that $name',
  async ({ sabotage, notice }) => {
    await using store = await openSqliteStateStore({ path: ':memory:', clock: new FakeClock() });
    for (let seed = 1; seed <= MOST_SABOTAGED_DAYS; seed++) {
      const day = await Day.open(seed, store, sabotage);
      if (brokenPromises(await day.run()).some((promise) => notice.test(promise))) return;
    }
    expect.unreachable('nothing was noticed');
  },
  60_000,
);
