import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DROP_REASONS } from './drop-counts.ts';

test('the guide lists exactly the reasons for which records are dropped', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/metrics.md', import.meta.url), 'utf8');
  const section = guide.split(/^## /m).find((part) => part.startsWith('Bad input')) ?? '';
  const listed = [...section.matchAll(/^\| `([a-z_]+)` \| [^\n]* \|$/gm)]
    .map(([, reason]) => reason)
    .filter((reason) => reason !== 'reason');
  expect(new Set(listed)).toEqual(new Set(DROP_REASONS));
});
