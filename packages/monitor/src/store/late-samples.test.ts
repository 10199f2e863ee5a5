import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { contents, put } from './sample-store.contract.ts';
import type { SampleStore, Selector } from './sample-store.ts';

const root = mkdtempSync(join(tmpdir(), 'bellwether-late-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let files = 0;
const G: Selector = [{ label: '__name__', op: '=', value: 'g' }];
const WINDOW_MS = 600_000;
const STEP_MS = 10_000;

function open(path: string, clock: FakeClock): SampleStore {
  return openEmbeddedStore({ path, clock, log: silentLogger, lateWindowMs: WINDOW_MS });
}

/** Instants in steps, each with how far out of turn it comes. */
const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 55 })), { minLength: 50, maxLength: 600 });

test('model: samples in any order within the window are all kept in order, each instant once, over seals, compactions and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), async (drawn, breaks) => {
      const clock = new FakeClock();
      const startMs = clock.nowMs();
      const path = join(root, `${++files}.db`);
      let store = open(path, clock);
      const expected = new Map<number, number>();
      let newestMs = -Infinity;
      const order = drawn.toSorted(([a, aLate], [b, bLate]) => a + aLate - b - bLate);
      for (const [i, [step]] of order.entries()) {
        const atMs = startMs + step * STEP_MS;
        clock.jumpTo(Math.max(clock.nowMs(), atMs));
        const { dropped } = put(store, { name: 'g' }, [[atMs, i]]);
        const isTooLate = atMs < newestMs - WINDOW_MS;
        if (expected.has(atMs)) expect(dropped).toEqual({ [isTooLate ? 'out_of_order' : 'duplicate']: 1 });
        else if (isTooLate) expect(dropped).toEqual({ out_of_order: 1 });
        else {
          expect(dropped).toEqual({});
          expected.set(atMs, i);
        }
        newestMs = Math.max(newestMs, atMs);
        if (i % 40 === 39) store.maintain(clock.nowMs());
        if (breaks.some((at) => at % order.length === i)) {
          await store[Symbol.asyncDispose]();
          store = open(path, clock);
        }
      }
      const sorted = [...expected].toSorted(([a], [b]) => a - b);
      expect(contents(store, G)).toEqual({ 'g{}': sorted });
      expect(store.stats().samples).toBe(sorted.length);
      const middle = [sorted[0]?.[0] ?? 0, newestMs - 1] as const;
      const inside = sorted.filter(([atMs]) => atMs >= middle[0] && atMs <= middle[1]);
      expect(contents(store, G, ...middle)['g{}'] ?? []).toEqual(inside);
      const summary = [...(store.summarize?.(G, ...middle) ?? [])][0];
      expect(summary?.samples ?? 0).toBe(inside.length);
      expect(summary?.last).toBe(inside.at(-1)?.[1]);
      await store[Symbol.asyncDispose]();
      rmSync(path, { force: true });
    }),
    { numRuns: Number(process.env['BELLWETHER_LONG'] ?? 0) > 0 ? 300 : 15 },
  );
}, 60_000);
