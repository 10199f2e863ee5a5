import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEVERITIES } from '../../model/severity.ts';
import { levelAt, type Levels } from './levels.ts';

const anyLevels: fc.Arbitrary<Levels> = fc
  .record({ steps: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), slack: fc.nat(15), below: fc.boolean() })
  .map(({ steps, slack, below }) => {
    let fire = 0;
    const levels = steps.map((step, i) => {
      fire += step;
      const at = below ? -fire : fire;
      return { severity: SEVERITIES[i] ?? 'critical', fire: at, clear: below ? at + slack : at - slack };
    });
    return { direction: below ? 'below' : 'above', levels };
  });

test('property: without hysteresis at work the level is the most severe one crossed', () => {
  fc.assert(
    fc.property(anyLevels, fc.integer({ min: -100, max: 100 }), (levels, value) => {
      const crossed = levels.levels.filter(({ fire }) => (levels.direction === 'above' ? value > fire : value < fire));
      expect(levelAt(levels, value, undefined)).toEqual(crossed.at(-1));
    }),
  );
});

test('property: a present level never makes a value less severe, and looking again changes nothing', () => {
  fc.assert(
    fc.property(anyLevels, fc.integer({ min: -100, max: 100 }), fc.constantFrom(...SEVERITIES), (levels, value, present) => {
      const rank = (level: ReturnType<typeof levelAt>): number => (level === undefined ? -1 : SEVERITIES.indexOf(level.severity));
      const held = levelAt(levels, value, present);
      expect(rank(held)).toBeGreaterThanOrEqual(rank(levelAt(levels, value, undefined)));
      if (held !== undefined) expect(levelAt(levels, value, held.severity)).toEqual(held);
    }),
  );
});
