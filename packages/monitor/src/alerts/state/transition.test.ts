import { expect, test } from 'vitest';
import type { Ladder } from '../escalation/ladder.ts';
import { INACTIVE } from './next-state.ts';
import type { TrackedAlert } from './tracked-alert.ts';
import { transition } from './transition.ts';

const LADDER: Ladder = {
  steps: [
    { afterMs: 1000, channels: ['team'] },
    { afterMs: 9000, channels: ['boss'] },
  ],
  minimumSeverity: 'low',
};
const ALERT: TrackedAlert = {
  id: 'a',
  key: 'a',
  ruleId: 'r',
  metricName: 'Down',
  labels: {},
  threshold: 0,
  currentValue: 1,
  severity: 'high',
  message: 'Down',
  cause: 'rule',
  updatedAtMs: 0,
  acknowledgedBy: undefined,
  escalationLevel: 1,
  state: { phase: 'firing', activeAtMs: 0, firedAtMs: 0 },
  wasNotified: true,
};
const context = (nowMs: number) => ({ nowMs, ladder: () => LADDER, isMuted: () => false });

test('an alert that was written without whom its escalations told goes on from where it stood, and they hear its end', () => {
  const ended = transition(ALERT, { ...ALERT, state: INACTIVE }, context(5000));
  expect(ended).toMatchObject({ change: 'resolved', alert: { climb: { told: ['team'] } } });
  const escalated = transition(ALERT, ALERT, context(9000));
  expect(escalated).toMatchObject({
    change: 'escalated',
    alert: { escalationLevel: 2, climb: { told: ['team', 'boss'], last: ['boss'] } },
  });
  expect(transition(escalated.alert, escalated.alert, context(10_000)).change).toBeUndefined();
});
