import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHUNK_SAMPLES, HeadPool } from './head-pool.ts';
import { StoredSeries } from './stored-series.ts';

test('model: heads that share slabs keep their own samples, whichever grow, are emptied or are given back', () => {
  const step = fc.record({
    series: fc.nat(39),
    samples: fc.integer({ min: 1, max: CHUNK_SAMPLES }),
    ends: fc.boolean(),
    isLate: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (script) => {
      const heads = new HeadPool();
      const all = Array.from({ length: 40 }, (_, ref) => {
        return new StoredSeries(heads, { ref, name: 'm', labels: { i: String(ref) }, presence: 'saved' });
      });
      const model = all.map((): [number, number][] => []);
      let atMs = 0;
      for (const { series, samples, ends, isLate } of script) {
        const head = all.at(series) as StoredSeries;
        const kept = model.at(series) as [number, number][];
        if (ends) {
          head.count = 0;
          head.release();
          kept.length = 0;
        }
        while (kept.length < samples) {
          atMs += 2;
          head.push(atMs, atMs * series);
          kept.push([atMs, atMs * series]);
        }
        const [newest] = kept.at(-1) as [number, number];
        if (isLate && kept.length > 1 && kept.length < CHUNK_SAMPLES) {
          const isNew = kept.every(([time]) => time !== newest - 1);
          expect(head.insert(newest - 1, -series)).toBe(isNew);
          if (isNew) kept.splice(-1, 0, [newest - 1, -series]);
        }
        expect(head.firstAtMs).toBe(kept[0]?.[0]);
      }
      for (const [i, series] of all.entries()) {
        const { timesMs, values, count } = series.head();
        expect(Array.from({ length: count }, (_, at) => [timesMs[at], values[at]])).toEqual(model[i]);
      }
    }),
  );
});

test('slabs that no series uses any more are given up, but for one of each capacity', () => {
  const heads = new HeadPool();
  const first = heads.larger(60);
  while (!first.isFull) first.take();
  const second = heads.larger(60);
  expect(second).not.toBe(first);
  const offset = second.take();
  heads.give(first, 0);
  expect(heads.larger(60)).toBe(second);
  heads.give(second, offset);
  expect(heads.larger(60)).toBe(first);
});
