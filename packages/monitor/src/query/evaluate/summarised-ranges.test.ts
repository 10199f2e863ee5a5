import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { openEmbeddedStore } from '../../store/embedded-store.ts';
import { put } from '../../store/sample-store.contract.ts';
import type { SampleStore } from '../../store/sample-store.ts';
import { createQueryEngine } from '../create-query-engine.ts';
import type { QueryEngine } from '../query-engine.ts';

const FUNCTIONS = ['avg', 'sum', 'count', 'min', 'max', 'last', 'present'].map((name) => `${name}_over_time`);

async function answers(engine: QueryEngine, expression: string, atMs: number): Promise<readonly (readonly [string, number])[]> {
  const { value } = await engine.instant(expression, atMs);
  return value.type === 'vector' ? value.samples.map(({ labels, value: number }) => [JSON.stringify(labels), number]) : [];
}

test('model: long ranges answered from statistics equal those answered from samples, whole chunks, cut ones and the head together', async () => {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  const store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger });
  for (let i = 0; i < 2500; i++) {
    clock.jumpTo(startMs + i * 10_000);
    for (const s of ['a', 'b', 'c'])
      put(store, { name: 'g', labels: { s } }, [[clock.nowMs(), Math.round(1e5 * Math.sin(i * s.charCodeAt(0))) / 100]]);
    if (i < 1200) put(store, { name: 'odd', labels: {} }, [[clock.nowMs(), i === 700 ? Number.NaN : i]]);
    if (i % 50 === 49) store.maintain(clock.nowMs());
  }
  const plain: SampleStore = new Proxy(store, {
    get: (target, key) => (key === 'summarize' ? undefined : (Reflect.get(target, key) as () => void).bind?.(target)),
  });
  const [fast, slow] = [createQueryEngine({ store, clock }), createQueryEngine({ store: plain, clock })];
  for (const name of FUNCTIONS) {
    for (const selector of ['g[1h]', 'g[5h13m7s] offset 7m', '{__name__="odd"}[6h]', 'g{s="a"}[6h] @ 1', 'none[2h]']) {
      const expression = `${name}(${selector})`;
      const [ours, expected] = [await answers(fast, expression, clock.nowMs()), await answers(slow, expression, clock.nowMs())];
      expect(ours.map(([labels]) => labels)).toEqual(expected.map(([labels]) => labels));
      for (const [i, [, number]] of ours.entries()) {
        const other = expected[i]?.[1] ?? 0;
        if (!Object.is(number, other)) expect(Math.abs(number - other)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(other)));
      }
    }
  }
  expect(await answers(fast, 'count_over_time(g[6h])', clock.nowMs())).toHaveLength(3);
  await store[Symbol.asyncDispose]();
});
