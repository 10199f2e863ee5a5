import { describe } from 'vitest';
import { invalidationBusContract } from '../bus/invalidation-bus.contract.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { cacheTierContract } from './cache-tier.contract.ts';
import { MemoryTier } from './memory-tier.ts';

describe('the tier in memory', () => {
  cacheTierContract(async () => {
    const bounds = { logLength: 300, mostTags: 20 };
    const tier = new MemoryTier({ clock: new FakeClock(), ...bounds });
    return { connect: () => tier.connect(), lose: async () => tier.lose(), ...bounds, logSlack: 0 };
  });
});
describe('the bell in memory', () => {
  invalidationBusContract(async () => {
    const clock = new FakeClock();
    const tier = new MemoryTier({ clock });
    return { connect: () => tier.connect(), afterMs: (ms) => clock.advance(ms) };
  });
});
