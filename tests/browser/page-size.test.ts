import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../packages/server/dist/web');

beforeAll(() => {
  if (!existsSync(folder)) throw new Error('The page is not built: run npm run build first.');
});

const gzipBytes = (file: string): number => gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;
const scripts = (): string[] => readdirSync(path.join(folder, 'assets')).filter((name) => name.endsWith('.js'));

/** The entry, what it imports at once, and the charts. */
function firstScripts(): string[] {
  const entry = scripts().filter((name) => name.startsWith('index-'));
  const text = entry.map((name) => readFileSync(path.join(folder, 'assets', name), 'utf8')).join();
  const imported = [...text.matchAll(/from\s?"\.\/([^"]+)"/g)].map(([, name]) => name ?? '');
  return [...new Set([...entry, ...imported, ...scripts().filter((name) => name.startsWith('plot-'))])];
}

test('the first useful page, charts included, needs at most 45 KB of compressed script', () => {
  const bytes = firstScripts().reduce((sum, name) => sum + gzipBytes(`assets/${name}`), 0);
  expect(firstScripts().length).toBeGreaterThanOrEqual(3);
  expect(bytes).toBeLessThanOrEqual(45 * 1024);
});

test('all scripts together stay under 120 KB compressed', () => {
  expect(scripts().reduce((sum, name) => sum + gzipBytes(`assets/${name}`), 0)).toBeLessThanOrEqual(120 * 1024);
});

test('nothing is fetched from elsewhere, and nothing needs an inline script or style', () => {
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
  expect(html).not.toMatch(/https?:\/\//);
  expect(html).not.toMatch(/<style|<script>|\son\w+=|\sstyle=/);
  const css = readdirSync(path.join(folder, 'assets')).filter((name) => name.endsWith('.css'));
  for (const name of css) expect(readFileSync(path.join(folder, 'assets', name), 'utf8')).not.toMatch(/url\(|@import/);
});
