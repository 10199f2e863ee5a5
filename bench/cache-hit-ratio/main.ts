/**
 * Hit ratios of the real cache (get, then set on a miss) on recorded traces, at 1, 5 and 10 % of each trace's keys, beside lru-cache and the optimum;
 * and how far its miss-ratio curve is from what caches of those sizes really hit. Arguments: folders with `*.zdv.gz` traces; default
 * `../shared/data/cache`. `--json`: one line a row. `--no-curve`, `--curve-only`: the half of it.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type CacheOptions, createEnhancedCache } from '@bellwether/cache';
import { LRUCache } from 'lru-cache';
import { type CurveCheck, checkCurve } from './curve.ts';
import { type Trace, optimalHits, tracesIn } from './traces.ts';

const isJson = process.argv.includes('--json');
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (folders.length === 0) folders.push(path.join(import.meta.dirname, '../../../shared/data/cache'));
const hasRatios = !process.argv.includes('--curve-only');
const hasCurves = !process.argv.includes('--no-curve');
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
const curves: (CurveCheck & { readonly row: string })[] = [];
for (const folder of folders) {
  if (!existsSync(folder)) {
    console.error(`SKIPPED: no traces at ${folder}. Give a folder of *.zdv.gz files as argument.`);
    continue;
  }
  for (const trace of tracesIn(folder))
    for (const part of [0.01, 0.05, 0.1]) {
      const capacity = Math.max(1, Math.round(trace.keys * part));
      if (hasRatios) compare(trace, capacity);
      if (hasCurves) curves.push({ row: `${trace.name} ${capacity}`, ...checkCurve(trace, capacity) });
    }
}
if (lines.length > 0) summarise();
if (curves.length > 0) summariseCurves();

function compare(trace: Trace, capacity: number): void {
  const percent = (hits: number): number => Math.round((10_000 * hits) / trace.ids.length) / 100;
  const ratios: Record<string, number> = Object.fromEntries(POLICIES.map((policy) => [policy, percent(ourHits(trace, capacity, policy))]));
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

function summariseCurves(): void {
  const judged = curves.filter(({ meanError }) => meanError !== undefined);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const error = 100 * mean(judged.map(({ meanError }) => meanError as number));
  if (isJson) {
    for (const { row, forecasts, exact, meanError } of judged)
      console.log(JSON.stringify({ ...curveRow(`curve error: ${row}`, 100 * (meanError as number)), forecasts, exact }));
    console.log(JSON.stringify(curveRow('curve error', error)));
    return;
  }
  const shown = (ratios: readonly number[]): string => ratios.map((ratio) => (100 * ratio).toFixed(1)).join(' ');
  console.table(
    judged.map(({ row, forecasts, exact, meanError }) => ({
      row,
      'curve 0.25x-4x': shown(forecasts.map(({ hitRatio }) => hitRatio)),
      truth: shown(exact),
      'mean error': Number((100 * (meanError as number)).toFixed(2)),
    })),
  );
  console.log(
    `curve error: ${error.toFixed(2)} points; intervals of 95 % hold ${(100 * mean(judged.map(({ coverage }) => coverage))).toFixed(0)} %`,
  );
}
function curveRow(row: string, points: number): object {
  return { bench: 'cache-hit-ratio', row, ours: points, rival: 1, rivalName: 'mark', unit: 'points', ratio: 1 / points };
}
