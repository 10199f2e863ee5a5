/**
 * Draws the pictures of docs/guides/cache.md from what the benchmarks printed with `--json`:
 * `npm run bench cache-pictures -- FILE…` writes docs/images/cache-*.svg.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bars } from './bars.ts';
import { type CurveRow, curves } from './curves.ts';

interface Row {
  readonly bench: string;
  readonly row: string;
  readonly ours: number;
  readonly rival: number;
  readonly rivalName: string;
}

const rows = process.argv
  .slice(2)
  .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line) as Row & Partial<CurveRow>);
if (rows.length === 0) throw new Error('Give files with the JSON lines of the benchmarks cache and cache-hit-ratio.');
const images = path.join(import.meta.dirname, '../../docs/images');
const save = (name: string, picture: string): void => writeFileSync(path.join(images, name), picture);

const loads = rows.filter(({ row }) => row === 'get-or-load hit, awaited, 100k of 100k keys');
if (loads.length > 0)
  save(
    'cache-get-or-load.svg',
    bars({
      title: 'Nanoseconds of CPU for a get-or-load that hits (logarithmic)',
      isLogarithmic: true,
      bars: [
        { name: 'Bellwether', value: (loads[0] as Row).ours, kind: 'ours' },
        ...loads
          .map(({ rivalName, rival }) => ({ name: rivalName, value: rival, kind: 'rival' as const }))
          .toSorted((a, b) => a.value - b.value),
      ],
    }),
  );
const means = rows.filter(({ row }) => row.startsWith('mean: '));
if (means.length > 0)
  save(
    'cache-hit-ratio.svg',
    bars({
      title: 'Mean hit ratio over 9 traces × 3 sizes, in percent',
      isLogarithmic: false,
      bars: means.map(({ rivalName, rival }) => ({
        name: rivalName === 'lru-cache' ? 'LRU (lru-cache)' : rivalName,
        value: rival,
        kind: rivalName === 'adaptive' ? 'ours' : rivalName === 'optimum' ? 'best' : 'rival',
      })),
    }),
  );
const judged = rows.filter((row): row is Row & CurveRow => row.row.startsWith('curve error: '));
if (judged.length > 0) save('cache-miss-ratio-curves.svg', curves(judged));
