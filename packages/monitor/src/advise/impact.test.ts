import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GainInterval } from './gain.ts';
import { amdahlGain } from './impact-amdahl.ts';
import { slicingGain } from './impact-blocking.ts';
import { gainByGoal, gainByRoom, gainBySingleFlight } from './impact-hit-ratio.ts';
import { queueingGain } from './impact-queueing.ts';

const ratio = fc.double({ min: 0, max: 1, noNaN: true });

describe("Amdahl's law", () => {
  it('a part of 40 % made twice as fast saves 20 %', () =>
    expect(amdahlGain(0.4, { cautious: 2, hopeful: 2 })).toEqual({ lowerPercent: 20, upperPercent: 20 }));
  it('a part cannot save more than itself', () => expect(amdahlGain(0.4, { cautious: 2, hopeful: 1e9 }).upperPercent).toBe(40));
  it('a speed-up below one is a mistake', () => expect(() => amdahlGain(0.4, { cautious: 0.5, hopeful: 2 })).toThrow(RangeError));
});

describe('queueing', () => {
  it('at 90 % on one core, a tenth less load nearly halves response times', () =>
    expect(queueingGain(0.9, { cautiousRatio: 0.1, hopefulRatio: 0.1 }).upperPercent).toBeCloseTo(47.4, 0));
  it('relief of an idle resource gains nothing at the cautious end', () =>
    expect(queueingGain(0.2, { cautiousRatio: 0.3, hopefulRatio: 0.3 }).lowerPercent).toBe(0));
});

describe('hit ratio', () => {
  it('from half to three quarters saves half of the loads', () =>
    expect(gainByGoal(0.5, 0.75)).toEqual({ lowerPercent: 25, upperPercent: 50 }));
  it('a cache at its goal gains nothing', () => expect(gainByGoal(0.8, 0.7)).toEqual({ lowerPercent: 0, upperPercent: 0 }));
  it('room saves at most the misses that had an eviction before them', () => expect(gainByRoom(0.6).upperPercent).toBe(60));
});

it('the longer the block, the more slicing it gains', () => {
  expect(slicingGain(200)).toEqual({ lowerPercent: 75, upperPercent: 95 });
  expect(slicingGain(20).lowerPercent).toBe(0);
});

it('property: every model gives an ordered interval within 0 to 100', () => {
  fc.assert(
    fc.property(ratio, ratio, ratio, fc.double({ min: 1, max: 1e6, noNaN: true }), (a, b, c, factor) => {
      const gains: GainInterval[] = [
        amdahlGain(a, { cautious: factor, hopeful: 1 + b }),
        queueingGain(a, { cautiousRatio: b, hopefulRatio: c }),
        gainByGoal(a, b),
        gainByRoom(a),
        gainBySingleFlight(a),
        slicingGain(factor),
      ];
      for (const { lowerPercent, upperPercent } of gains) {
        expect(lowerPercent).toBeGreaterThanOrEqual(0);
        expect(upperPercent).toBeGreaterThanOrEqual(lowerPercent);
        expect(upperPercent).toBeLessThanOrEqual(100);
      }
    }),
  );
});
