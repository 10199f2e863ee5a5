import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Distributions } from './distributions.ts';
import { bucketOf, FINEST_SCALE, upperBoundary } from './exponential-scale.ts';

const values = fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 });

/** One distribution among others, which must not feel it. */
class ExponentialHistogram {
  readonly all = new Distributions();
  readonly #others = Array.from({ length: 3 }, () => this.all.create());
  readonly slot = this.all.create();

  constructor() {
    for (const other of this.#others) this.all.record(other, 7);
  }
  record(value: number): void {
    this.all.record(this.slot, value);
    for (const other of this.#others) if (this.all.count(other) !== 1) throw new Error('a neighbour was changed');
  }
  merge(other: ExponentialHistogram): void {
    this.all.merge(this.slot, other.all, other.slot);
  }
  quantile(q: number): number {
    return this.all.quantile(this.slot, q);
  }
  get count(): number {
    return this.all.count(this.slot);
  }
  get scale(): number {
    return this.all.scale(this.slot);
  }
}

function histogramOf(values: readonly number[]): ExponentialHistogram {
  const histogram = new ExponentialHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function octavesOf({ all, slot }: ExponentialHistogram): [number, number][] {
  const found: [number, number][] = [];
  all.eachOctave(slot, (octave, count) => found.push([octave, count]));
  return found;
}

describe('buckets', () => {
  test('property: a value lies above its bucket’s lower boundary and at or below its upper one', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-8, max: 1e17, noNaN: true }), (value) => {
        const bucket = bucketOf(value);
        expect(value).toBeLessThanOrEqual(upperBoundary(bucket, FINEST_SCALE));
        expect(value).toBeGreaterThan(upperBoundary(bucket - 1, FINEST_SCALE));
      }),
      { numRuns: 1000 },
    );
  });

  test('a power of two belongs to the bucket it bounds', () => {
    for (let exponent = -20; exponent <= 40; exponent++) expect(upperBoundary(bucketOf(2 ** exponent), FINEST_SCALE)).toBe(2 ** exponent);
  });

  test('extremes of the number range are held at the ends', () => {
    const histogram = histogramOf([Number.MIN_VALUE, Number.MAX_VALUE]);
    expect(octavesOf(histogram)).toHaveLength(2);
  });
});

describe('distributions', () => {
  test('property: a quantile is within the stated relative error of the exact one', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
        const histogram = histogramOf(all);
        const exact = all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * all.length)) - 1] as number;
        const error = 2 ** (0.5 / 2 ** histogram.scale) - 1;
        const found = histogram.quantile(q);
        expect(found).toBeGreaterThanOrEqual((exact / (1 + error)) * (1 - 1e-9));
        expect(found).toBeLessThanOrEqual(exact * (1 + error) * (1 + 1e-9));
      }),
      { numRuns: 200 },
    );
  });

  test('property: merging two is the same as recording everything into one', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        const merged = histogramOf(left);
        merged.merge(histogramOf(right));
        const one = histogramOf([...left, ...right]);
        expect(merged.count).toBe(one.count);
        expect(octavesOf(merged)).toEqual(octavesOf(one));
        expect(merged.scale).toBe(one.scale);
        for (const q of [0, 0.5, 0.9, 1]) expect(merged.quantile(q)).toBe(one.quantile(q));
      }),
      { numRuns: 200 },
    );
  });

  test('property: octaves are ascending and hold every value but the zeros', () => {
    fc.assert(
      fc.property(values, fc.nat({ max: 5 }), (all, zeros) => {
        const histogram = histogramOf([...all, ...Array.from({ length: zeros }, () => 0)]);
        const octaves = octavesOf(histogram);
        expect(octaves.map(([octave]) => octave)).toEqual(octaves.map(([octave]) => octave).toSorted((a, b) => a - b));
        expect(octaves.reduce((sum, [, count]) => sum + count, 0)).toBe(all.length);
        for (const [octave, count] of octaves) expect(all.filter((v) => v > 2 ** octave && v <= 2 ** (octave + 1))).toHaveLength(count);
      }),
      { numRuns: 200 },
    );
  });

  test('counts beyond 32 bits are kept', () => {
    const histogram = histogramOf([3]);
    for (let doubling = 0; doubling < 40; doubling++) {
      const same = new ExponentialHistogram();
      same.merge(histogram);
      histogram.merge(same);
    }
    expect(octavesOf(histogram)).toEqual([[1, 2 ** 40]]);
    histogram.record(3);
    expect(octavesOf(histogram)).toEqual([[1, 2 ** 40 + 1]]);
  });

  test('runs that were outgrown are used again without what they held', () => {
    const all = new Distributions();
    const [first, second] = [all.create(), all.create()];
    for (const value of [1, 1e3, 1e6, 1e-3]) all.record(first, value);
    for (const value of [5, 5000]) all.record(second, value);
    expect([...all.cells(second)].reduce((sum, [, count]) => sum + count, 0)).toBe(2);
    expect([...all.cells(first)].reduce((sum, [, count]) => sum + count, 0)).toBe(4);
  });

  test('an empty one has no quantile', () => expect(new ExponentialHistogram().quantile(0.5)).toBeNaN());
});
