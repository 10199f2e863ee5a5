import { expect, test } from 'vitest';
import { compileInhibition, type InhibitRule } from './inhibition.ts';

const HOST_DOWN: InhibitRule = {
  source: [{ label: 'alertname', op: '=', value: 'HostDown' }],
  target: [{ label: 'severity', op: '=~', value: 'low|medium' }],
  equal: ['instance'],
};
const DOWN = { id: 'root', labels: { alertname: 'HostDown', instance: 'a', severity: 'critical' } };

test('an alert that another one explains is inhibited where the labels agree, and free elsewhere', () => {
  const inhibitorOf = compileInhibition([HOST_DOWN])([DOWN]);
  expect(inhibitorOf({ alertname: 'Slow', instance: 'a', severity: 'low' })).toBe('root');
  expect(inhibitorOf({ alertname: 'Slow', instance: 'b', severity: 'low' })).toBeUndefined();
  expect(inhibitorOf({ alertname: 'Slow', instance: 'a', severity: 'high' })).toBeUndefined();
});

test('labels that both lack agree', () => {
  const inhibitorOf = compileInhibition([{ ...HOST_DOWN, equal: ['zone'] }])([DOWN]);
  expect(inhibitorOf({ alertname: 'Slow', instance: 'b', severity: 'low' })).toBe('root');
});

test('an alert never inhibits itself, nor do two that are both source and target silence each other', () => {
  const rule: InhibitRule = {
    source: [{ label: 'severity', op: '=', value: 'critical' }],
    target: [{ label: 'team', op: '=', value: 'web' }],
    equal: [],
  };
  const both = ['x', 'y'].map((id) => ({ id, labels: { alertname: id, severity: 'critical', team: 'web' } }));
  const inhibitorOf = compileInhibition([rule])(both);
  expect(both.map(({ labels }) => inhibitorOf(labels))).toEqual([undefined, undefined]);
  expect(inhibitorOf({ severity: 'low', team: 'web' })).toBe('y');
});

test('without rules nothing is inhibited', () => {
  expect(compileInhibition([])([DOWN])(DOWN.labels)).toBeUndefined();
});
