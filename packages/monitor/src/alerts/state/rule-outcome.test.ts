import { expect, test } from 'vitest';
import { INACTIVE } from './next-state.ts';
import { OutcomeDraft } from './rule-outcome.ts';
import { keptAlert, type TrackedAlert } from './tracked-alert.ts';

const alertOf = (id: string, some: Partial<TrackedAlert> = {}): TrackedAlert => ({
  id,
  key: 'm',
  ruleId: 'r',
  metricName: 'm',
  labels: {},
  annotations: { summary: 'slow' },
  threshold: 1,
  currentValue: 2,
  severity: 'high',
  message: 'slow',
  cause: 'rule',
  updatedAtMs: 0,
  acknowledgedBy: undefined,
  escalationLevel: 0,
  state: STATE,
  wasNotified: true,
  ...some,
});
const STATE: TrackedAlert['state'] = { phase: 'firing', firedAtMs: 1, activeAtMs: 1 };

test('an alert of which only the time of looking differs stays the object it was', () => {
  const known = alertOf('a');
  expect(keptAlert(known, alertOf('a', { updatedAtMs: 9, annotations: { summary: 'slow' } }))).toBe(known);
});

test('an alert with another value is another object with the known texts', () => {
  const known = alertOf('a');
  const kept = keptAlert(known, alertOf('a', { currentValue: 3, annotations: { summary: 'slow' } }));
  expect(kept.currentValue).toBe(3);
  expect(kept.annotations).toBe(known.annotations);
  expect(keptAlert(known, alertOf('a', { annotations: { summary: 'slower' } })).annotations).toEqual({ summary: 'slower' });
});

test('an outcome names what differs and nothing else', () => {
  const known = alertOf('a');
  const draft = new OutcomeDraft('r', new Map([['m', known]]));
  draft.take({ alert: known, change: undefined });
  expect(draft.outcome()).toEqual({ ruleId: 'r', written: [], ended: [], changes: [] });
});

test('an alert that ends and begins anew in one outcome is both, and counts once', () => {
  const known = alertOf('a');
  const draft = new OutcomeDraft('r', new Map([['m', known]]));
  draft.take({ alert: { ...known, state: INACTIVE }, change: 'resolved' });
  expect([draft.size, draft.get('m')]).toEqual([0, undefined]);
  const anew = alertOf('b');
  draft.take({ alert: anew, change: 'fired' });
  expect([draft.size, draft.get('m')]).toEqual([1, anew]);
  const { written, ended, changes } = draft.outcome();
  expect([written, ended]).toEqual([[anew], [known]]);
  expect(changes.map(({ kind }) => kind)).toEqual(['resolved', 'fired']);
});

test('an alert that begins and ends in one outcome leaves nothing to keep', () => {
  const draft = new OutcomeDraft('r', new Map());
  draft.take({ alert: alertOf('a'), change: 'fired' });
  draft.take({ alert: alertOf('a', { state: INACTIVE }), change: 'resolved' });
  expect(draft.outcome()).toMatchObject({ written: [], ended: [] });
  expect(draft.size).toBe(0);
});
