import { expect, test } from 'vitest';
import { Day } from './testing/simulation/day.ts';
import { brokenPromises } from './testing/simulation/promises.ts';

/** Ten thousand take some minutes: BELLWETHER_SIMULATED_DAYS=10000. */
const DAYS = Number(process.env['BELLWETHER_SIMULATED_DAYS'] ?? 60);
const FIRST = Number(process.env['BELLWETHER_SIMULATION_SEED'] ?? 1);

test('property: whatever breaks, dies, is silenced or jumps in a day, every firing is told with its end or has a reason', async () => {
  for (let seed = FIRST; seed < FIRST + DAYS; seed++) {
    const day = await Day.open(seed);
    const result = await day.run();
    expect(brokenPromises(result), `seed ${seed}\n${result.events.join('\n')}`).toEqual([]);
    await result.state[Symbol.asyncDispose]();
  }
}, 3_600_000);
