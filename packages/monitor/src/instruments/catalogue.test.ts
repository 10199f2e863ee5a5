import { expect, test } from 'vitest';
import { isMetricName } from '../model/labels.ts';
import { METRICS, metaOf } from './catalogue.ts';

const SUFFIXES: Readonly<Record<string, string>> = {
  seconds: '_seconds',
  bytes: '_bytes',
  ratio: '_ratio',
  bytes_per_second: '_bytes_per_second',
};
/** Names that the contract or the ecosystem fixed before the rule. */
const GIVEN = new Set(['nodejs_eventloop_utilization']);

test.each(Object.entries(METRICS))('%s has a legal name that tells its kind and unit, and texts for people', (name, entry) => {
  const { kind, unit, help, displayName, labels } = entry;
  expect(isMetricName(name)).toBe(true);
  expect(name.endsWith('_total')).toBe(kind === 'counter');
  const suffix = SUFFIXES[unit];
  if (suffix !== undefined && !GIVEN.has(name)) expect(name.replace(/_total$/, '').endsWith(suffix)).toBe(true);
  expect(help).toMatch(/^[A-Z].*\.$/);
  expect(displayName).toMatch(/^[A-Z]/);
  expect(new Set(labels).size).toBe(labels.length);
});

test('an unknown name is a bare gauge', () => expect(metaOf('mine')).toEqual({ kind: 'gauge', unit: '', help: '' }));
