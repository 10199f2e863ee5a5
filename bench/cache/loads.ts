import { createEnhancedCache } from '@bellwether/cache';
import { cpuNsAsync, cpuNsInTurns, distinctKeys, keyOf, sized } from './measure.ts';
import type { Report } from './report.ts';
import { LOADING_RIVALS, lruCache } from './rivals.ts';

const SIZE = 100_000;
/** Keys that are asked for: few, which stay in the processor's cache as a server's hot ones do, and all, where each hit waits for memory. */
const ASKED = [1000, SIZE];
const HITS = 200_000;
const load = (): object => ({ id: 2 });

type Get = (key: string) => Promise<unknown>;

/** Get-or-load when the value is there: awaited, and by the synchronous path. */
export async function loads(report: Report): Promise<void> {
  using ours = createEnhancedCache({ maxSize: SIZE });
  const lru = lruCache(SIZE);
  for (let number = 0; number < SIZE; number++) {
    ours.setSync(keyOf(number), load());
    lru.set(keyOf(number), load());
  }
  const rowOf = (asked: number): string => `${sized(asked)} of 100k keys`;
  let notFound = 0;
  for (const asked of ASKED) {
    const keys = distinctKeys(asked, HITS);
    const ns = cpuNsInTurns(HITS, 9, {
      ours: () => keys.forEach((key) => ours.getSync(key) ?? notFound++),
      rival: () => keys.forEach((key) => lru.get(key) ?? notFound++),
    });
    report.add(`get-or-load hit, synchronous path, ${rowOf(asked)}`, 'ns', ns.ours, { 'lru-cache + ttl': ns.rival });
  }
  if (notFound > 0) throw new Error('something was not found: the benchmark is broken');

  const oursNs = await awaitedNs((key) => ours.getOrLoad(key, load));
  const rivals = ASKED.map((): Record<string, number> => ({}));
  for (const make of LOADING_RIVALS) {
    const rival = make(SIZE, load);
    for (let number = 0; number < SIZE; number++) await rival.getOrLoad(keyOf(number));
    const spentNs = await awaitedNs((key) => rival.getOrLoad(key));
    rivals.forEach((row, at) => (row[rival.name] = spentNs[at] as number));
  }
  ASKED.forEach((asked, at) =>
    report.add(`get-or-load hit, awaited, ${rowOf(asked)}`, 'ns', oursNs[at] as number, rivals[at] as Record<string, number>),
  );
}

/** Of one hit, in the order of `ASKED`. */
async function awaitedNs(get: Get): Promise<number[]> {
  const spentNs: number[] = [];
  for (const asked of ASKED) {
    const keys = distinctKeys(asked, HITS);
    globalThis.gc?.();
    spentNs.push(
      await cpuNsAsync(HITS, 4, async () => {
        for (const key of keys) await get(key);
      }),
    );
  }
  return spentNs;
}
