import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE_ERROR_CODES } from '@bellwether/cache';
import { ERROR_CODES, METRICS, SELF_METRICS } from '@bellwether/monitor/engine';
import { PROBLEM_CODES } from '@bellwether/server';
import { expect, test } from 'vitest';

const DOCS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs');

/** First cells in backquotes of the tables of a page, from one heading to the next of its level. */
function documented(page: string, heading?: string): string[] {
  let text = readFileSync(path.join(DOCS, page), 'utf8');
  if (heading !== undefined) text = text.split(/^## /m).find((section) => section.startsWith(heading)) ?? '';
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '').sort();
}

test.each([
  ['Monitor', ERROR_CODES],
  ['Cache', CACHE_ERROR_CODES],
  ['HTTP', Object.keys(PROBLEM_CODES)],
])('docs/errors.md lists exactly the codes of the section %s', (heading, codes) => {
  expect(documented('errors.md', heading)).toEqual([...codes].sort());
});

test('docs/metrics.md lists exactly the metrics of the catalogue', () => {
  expect(documented('metrics.md')).toEqual([...Object.keys(METRICS), ...Object.keys(SELF_METRICS)].sort());
});
