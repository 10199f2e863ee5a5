import { createEnhancedCache } from '@bellwether/cache';
import { keyOf, cpuMs } from './measure.ts';
import type { Report } from './report.ts';
import { LOADING_RIVALS, type LoadingCache, type MakeLoadingCache, TAGGING_RIVALS } from './rivals.ts';

const ENTRIES = 100_000;
const ROUNDS = 5;
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Invalidates a tag that 100,000 entries carry, out of 105,000. Medians of five tags. */
export async function tagInvalidation(report: Report): Promise<void> {
  const rivals: Record<string, number> = { 'Map of Sets': mapOfSets() };
  for (const make of TAGGING_RIVALS) rivals[make(1, () => ({})).name] = await rivalInvalidation(make);
  report.add('invalidate a tag of 100k entries', 'CPU ms', median(await ourInvalidation('invalidateTags')), rivals);
  report.add('delete a tag of 100k entries, counted', 'CPU ms', median(await ourInvalidation('deleteByTags')), rivals);
}

async function ourInvalidation(how: 'invalidateTags' | 'deleteByTags'): Promise<number[]> {
  using cache = createEnhancedCache({ maxSize: ENTRIES * 2 });
  const spent: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let number = 0; number < ENTRIES; number++) cache.setSync(keyOf(number), { id: 1 }, { tags: ['hot', `round/${round}`] });
    for (let number = 0; number < 50; number++) cache.setSync(`small-${number}`, 1, { tags: [`small/${number}`] });
    // A service has run this before: what counts is not the first call of the program.
    for (let number = 0; number < 50; number++) void cache[how]([`small/${number}`]);
    let count: unknown;
    spent.push(cpuMs(() => (count = cache[how](['hot']))));
    if (how === 'deleteByTags' && (await count) !== ENTRIES) throw new Error('the count is wrong');
    if (cache.getSync(keyOf(7)) !== undefined) throw new Error('the entry is still there');
    while (cache.stats().entry_count > 0) await new Promise(setImmediate);
  }
  return spent;
}
async function rivalInvalidation(make: MakeLoadingCache): Promise<number> {
  const cache = make(ENTRIES * 2, () => ({ id: 1 }), ['hot']);
  for (let number = 0; number < ENTRIES; number++) await cache.getOrLoad(keyOf(number));
  const before = process.cpuUsage();
  await cache.invalidateTag?.('hot');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
function mapOfSets(): number {
  return median(
    Array.from({ length: ROUNDS }, () => {
      const keys = new Set<string>();
      const map = new Map<string, object>();
      for (let number = 0; number < ENTRIES; number++) {
        map.set(keyOf(number), { id: 1 });
        keys.add(keyOf(number));
      }
      return cpuMs(() => keys.forEach((key) => map.delete(key)));
    }),
  );
}

/** Of delete, tag invalidation and clear in the middle of a load: after how many the cache goes on with the value from before. */
export async function staleLoads(report: Report): Promise<void> {
  const rivals: Record<string, number> = {};
  for (const make of LOADING_RIVALS) rivals[make(1, () => ({})).name] = await stalesOf(make);
  const ours = await stalesOf((size, load, tags = []) => {
    const cache = createEnhancedCache({ maxSize: size });
    return {
      name: 'ours',
      getOrLoad: (key) => cache.getOrLoad(key, load, { tags }),
      delete: (key) => cache.delete(key),
      clear: () => cache.clear(),
      invalidateTag: (tag) => cache.deleteByTags([tag]),
    };
  });
  report.add('stale values kept: delete, tag, clear during a load', 'of 3', ours, rivals);
}
async function stalesOf(make: MakeLoadingCache): Promise<number> {
  const interruptions: readonly ((cache: LoadingCache) => unknown)[] = [
    (cache) => cache.delete?.('key'),
    (cache) => cache.invalidateTag?.('tag'),
    (cache) => cache.clear?.(),
  ];
  let stale = 0;
  for (const interrupt of interruptions) {
    let version = 1;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const load = async (): Promise<object> => {
      const read = { version };
      await gate;
      return read;
    };
    const cache = make(100, load, ['tag']);
    if (interrupt === interruptions[1] && cache.invalidateTag === undefined) continue;
    const first = Promise.resolve(cache.getOrLoad('key')).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
    version = 2;
    await interrupt(cache);
    release();
    await first;
    await new Promise((resolve) => setTimeout(resolve, 5));
    const after = (await cache.getOrLoad('key')) as { readonly version: number };
    if (after.version === 1) stale++;
  }
  return stale;
}
