/**
 * Hit ratios of the real cache (get, then set on a miss) on recorded traces, at 1, 5 and 10 % of each trace's keys, beside lru-cache and the optimum.
 * Arguments: folders with `*.zdv.gz` traces; default `../shared/data/cache`. `--json`: one line a row.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type CacheOptions, createEnhancedCache } from '@bellwether/cache';
import { LRUCache } from 'lru-cache';
import { type Trace, optimalHits, tracesIn } from './traces.ts';

const isJson = process.argv.includes('--json');
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (folders.length === 0) folders.push(path.join(import.meta.dirname, '../../../shared/data/cache'));
const POLICIES = ['adaptive', 's3-fifo', 'lirs', 'lirs-narrow'] as const;

interface Line {
  readonly trace: string;
  readonly capacity: number;
  readonly ratios: Readonly<Record<string, number>>;
}

function ourHits(trace: Trace, maxSize: number, policy: NonNullable<CacheOptions['policy']>): number {
  using cache = createEnhancedCache({ maxSize, policy, defaultTtl: null, cleanupInterval: null });
  for (const id of trace.ids) {
    const key = String(id);
    if (cache.getSync(key) === undefined) cache.setSync(key, 1);
  }
  return cache.stats().hits;
}
function lruHits(trace: Trace, max: number): number {
  const cache = new LRUCache<number, number>({ max });
  let hits = 0;
  for (const id of trace.ids) {
    if (cache.get(id) === undefined) cache.set(id, 1);
    else hits++;
  }
  return hits;
}

const lines: Line[] = [];
for (const folder of folders) {
  if (!existsSync(folder)) {
    console.error(`SKIPPED: no traces at ${folder}. Give a folder of *.zdv.gz files as argument.`);
    continue;
  }
  for (const trace of tracesIn(folder))
    for (const part of [0.01, 0.05, 0.1]) {
      const capacity = Math.max(1, Math.round(trace.keys * part));
      const percent = (hits: number): number => Math.round((10_000 * hits) / trace.ids.length) / 100;
      const ratios: Record<string, number> = Object.fromEntries(
        POLICIES.map((policy) => [policy, percent(ourHits(trace, capacity, policy))]),
      );
      ratios['lru-cache'] = percent(lruHits(trace, capacity));
      ratios['optimum'] = percent(optimalHits(trace, capacity));
      lines.push({ trace: trace.name, capacity, ratios });
      const [ours, rival] = [ratios['adaptive'] as number, ratios['lru-cache']];
      const shown = {
        bench: 'cache-hit-ratio',
        row: `${trace.name} ${capacity}`,
        ours,
        rival,
        rivalName: 'lru-cache',
        unit: '%',
        ratio: rival === 0 ? null : ours / rival,
      };
      if (isJson) console.log(JSON.stringify({ ...shown, all: ratios }));
    }
}
if (lines.length > 0) summarise();

function summarise(): void {
  const mean = (name: string): number => lines.reduce((sum, { ratios }) => sum + (ratios[name] as number), 0) / lines.length;
  const shareOfOptimum = (name: string): number =>
    lines.reduce((sum, { ratios }) => sum + (ratios[name] as number) / Math.max(ratios['optimum'] as number, 1e-9), 0) / lines.length;
  const table = ['lru-cache', ...POLICIES, 'optimum'].map((name) => ({
    policy: name,
    mean: Number(mean(name).toFixed(2)),
    'share of optimum': Number((100 * shareOfOptimum(name)).toFixed(1)),
    'worst against LRU': Number(
      Math.min(...lines.map(({ ratios }) => (ratios[name] as number) - (ratios['lru-cache'] as number))).toFixed(2),
    ),
  }));
  if (isJson)
    for (const each of table)
      console.log(
        JSON.stringify({
          bench: 'cache-hit-ratio',
          row: `mean: ${each.policy}`,
          ours: mean('adaptive'),
          rival: each.mean,
          rivalName: each.policy,
          unit: '%',
          ratio: mean('adaptive') / each.mean,
        }),
      );
  else {
    console.table(lines.map(({ trace, capacity, ratios }) => ({ trace, capacity, ...ratios })));
    console.table(table);
  }
}
