import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEVERITIES, severityBreakdown, severityRank } from '../../model/severity.ts';
import { ActiveIndex } from './active-index.ts';
import { INACTIVE } from './next-state.ts';
import type { TrackedAlert } from './tracked-alert.ts';

interface Step {
  readonly id: string;
  readonly firedAtMs: number | undefined;
  readonly severity: (typeof SEVERITIES)[number];
  readonly currentValue: number;
}

const alertOf = ({ id, firedAtMs, severity, currentValue }: Step): TrackedAlert => ({
  id,
  key: id,
  ruleId: 'r',
  metricName: 'm',
  labels: {},
  threshold: 0,
  currentValue,
  severity,
  message: '',
  cause: 'rule',
  updatedAtMs: 0,
  acknowledgedBy: undefined,
  escalationLevel: 0,
  state: firedAtMs === undefined ? INACTIVE : { phase: 'firing', firedAtMs, activeAtMs: firedAtMs },
  wasNotified: true,
});

const step = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  firedAtMs: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  severity: fc.constantFrom(...SEVERITIES),
  currentValue: fc.integer({ min: 0, max: 9 }),
});

test('model: counts, order and alerts agree with a list that is sorted anew, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const index = new ActiveIndex();
      const model = new Map<string, TrackedAlert>();
      for (const one of steps) {
        const alert = alertOf(one);
        index.put(alert);
        if (one.firedAtMs === undefined) model.delete(one.id);
        else model.set(one.id, alert);
        index.checkInvariants();
        const alerts = [...model.values()];
        expect(index.counts).toEqual(severityBreakdown(alerts.map(({ severity }) => severity)));
        const listed = index.ids().map((id) => index.get(id));
        expect(new Set(listed)).toEqual(new Set(alerts));
        expect(listed.map((found) => severityRank(found?.severity ?? 'low'))).toEqual(
          alerts.map(({ severity }) => severityRank(severity)).toSorted((a, b) => b - a),
        );
      }
    }),
  );
});

test('a window leaves out what comes before it, and other severities', () => {
  const index = new ActiveIndex();
  const put = (id: string, severity: Step['severity'], firedAtMs: number): void =>
    index.put(alertOf({ id, severity, firedAtMs, currentValue: 0 }));
  put('old', 'high', 1);
  put('new', 'high', 2);
  put('worst', 'critical', 1);
  expect(index.ids()).toEqual(['worst', 'new', 'old']);
  expect(index.ids({ offset: 1 })).toEqual(['new', 'old']);
  expect(index.ids({ severity: 'high', offset: 1 })).toEqual(['old']);
});
