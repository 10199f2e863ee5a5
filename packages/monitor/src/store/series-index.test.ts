import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Labels } from '../model/labels.ts';
import { seriesKey } from '../model/labels.ts';
import { SeriesIndex, type IndexedSeries } from './series-index.ts';

const word = fc.constantFrom('', 'a', 'b', 'c', 'constructor');
const labels = fc.dictionary(fc.constantFrom('job', 'instance', 'zone', 'constructor'), word, { maxKeys: 4 });
const identity = fc.record({ name: fc.constantFrom('up', 'down'), labels });
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: identity }, fc.constant('remove' as const)), { maxLength: 80 });
/** From hashes that are all equal to those that hardly ever are. */
const scrambles = fc.constantFrom<((pair: number) => number) | undefined>(
  () => 0,
  (pair) => pair % 2,
  (pair) => pair,
  () => 0x7fffffff,
  undefined,
);

function withoutEmpty(all: Labels): Labels {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

test('model: a series is found by its name and labels in any order, whatever the hashes, until it is removed', () => {
  fc.assert(
    fc.property(steps, scrambles, fc.nat(), (script, scramble, seed) => {
      const index = new SeriesIndex<IndexedSeries>(scramble);
      const model = new Map<string, IndexedSeries>();
      const asked = new Map<string, { readonly name: string; readonly labels: Labels }>();
      for (const [ref, step] of script.entries()) {
        if (step === 'remove') {
          const gone = [...model.values()].filter((series) => (series.ref + seed) % 3 === 0);
          index.removeAll(new Set(gone));
          for (const series of gone) model.delete(seriesKey(series.name, series.labels));
        } else {
          const key = seriesKey(step.name, step.labels);
          asked.set(key, step);
          if (model.has(key)) continue;
          const series = { ref, name: step.name, labels: withoutEmpty(step.labels) };
          model.set(key, series);
          index.add(series);
        }
        for (const [key, { name, labels: given }] of asked) {
          const turned = Object.fromEntries(Object.entries(given).toReversed());
          expect(index.find(name, turned)).toBe(model.get(key));
        }
        expect(index.size).toBe(model.size);
        expect(new Set(index.all())).toEqual(new Set(model.values()));
      }
      for (const { name, labels: wanted } of asked.values()) {
        const selector = Object.entries({ ...wanted, __name__: name }).map(([label, value]) => ({ label, op: '=' as const, value }));
        const matching = [...model.values()].filter((series) =>
          selector.every(({ label, value }) => (label === '__name__' ? series.name : own(series.labels, label)) === value),
        );
        expect(index.select(selector)).toEqual(matching);
      }
    }),
  );
});

function own(all: Labels, label: string): string {
  return Object.hasOwn(all, label) ? (all[label] ?? '') : '';
}
