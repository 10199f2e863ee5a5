import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { countingIds } from '../base/ids.ts';
import type { Labels } from '../model/labels.ts';
import { breakdownTotal } from '../model/severity.ts';
import type { MatrixSeries, QueryEngine, QueryResult } from '../query/query-engine.ts';
import { openTestState } from '../store/testing/open-test-state.ts';
import type { StateStore } from '../store/state-store.ts';
import type { AlertChange, Alerting } from './alerting.ts';
import type { Ladder } from './escalation/ladder.ts';
import { incidentTitle } from './incidents/correlate.ts';
import { createAlerting, type AlertingOptions } from './create-alerting.ts';

/** Answers `last_over_time(metric[…])` with settable values and ranges with a settable history. */
class StubQuery {
  readonly values = new Map<string, { readonly labels: Labels; readonly value: number }[]>();
  readonly history = new Map<string, readonly number[]>();

  set(metric: string, value: number | undefined, labels: Labels = {}): void {
    this.values.set(metric, value === undefined ? [] : [{ labels: { __name__: metric, ...labels }, value }]);
  }
  engine(): QueryEngine {
    const result = (value: QueryResult['value']): QueryResult => ({ value, warnings: [], infos: [] });
    const metadata = new Map([...this.values.keys()].map((name) => [name, { kind: 'gauge' as const, unit: 'percent', help: '' }]));
    return {
      instant: async (expression: string, atMs: number) => {
        const metric = /^last_over_time\((\w+)\[/.exec(expression)?.[1] ?? '';
        return result({ type: 'vector', samples: (this.values.get(metric) ?? []).map((sample) => ({ ...sample, atMs })) });
      },
      range: async (expression: string) => {
        const metric = /^avg_over_time\((\w+)\{/.exec(expression)?.[1] ?? '';
        const values = this.history.get(metric) ?? [];
        const series: MatrixSeries[] = values.length === 0 ? [] : [{ labels: {}, timesMs: values.map((_, i) => i), values }];
        return result({ type: 'matrix', series });
      },
      metadata: async () =>
        new Map([
          ...metadata,
          ...[...this.values.keys()].map((name) => [name, { kind: 'gauge' as const, unit: 'percent', help: '' }] as const),
        ]),
    } as unknown as QueryEngine;
  }
}

interface Bench {
  readonly clock: FakeClock;
  readonly query: StubQuery;
  readonly state: StateStore;
  readonly changes: AlertChange[];
  readonly alerting: Alerting;
  readonly restart: () => Promise<Alerting>;
  readonly evaluate: () => Promise<void>;
}

async function bench(options: Partial<AlertingOptions> = {}): Promise<Bench> {
  const clock = new FakeClock();
  const query = new StubQuery();
  const state = await openTestState(clock);
  const changes: AlertChange[] = [];
  const all: AlertingOptions = {
    state,
    query: query.engine(),
    clock,
    ids: countingIds(),
    thresholds: { cpu_usage: { warning: 70, critical: 90 } },
    intervalMs: 1000,
    plan: (some) => {
      changes.push(...some);
      return some.map(({ alert, kind, atMs }, index) => ({
        alertIds: [alert.id],
        row: {
          id: `${alert.id}-${kind}-${atMs}-${index}`,
          channel: 'test',
          group_key: alert.id,
          payload_json: '{}',
          status: 'waiting',
          attempts: 0,
          next_attempt_at_ms: atMs,
          created_at_ms: atMs,
          delivered_at_ms: null,
          last_error: null,
        },
      }));
    },
    ...options,
  };
  const alerting = await createAlerting(all);
  return {
    clock,
    query,
    state,
    changes,
    alerting,
    restart: () => createAlerting(all),
    evaluate: async () => {
      await clock.advance(1000);
      await alerting.evaluate(clock.nowMs());
    },
  };
}

test('a breach fires at the first evaluation with the sentence of the contract', async () => {
  const { query, evaluate, alerting, changes } = await bench();
  query.set('cpu_usage', 85.2);
  await evaluate();
  expect(alerting.active()).toMatchObject([
    {
      metricName: 'cpu_usage',
      severity: 'medium',
      threshold: 70,
      currentValue: 85.2,
      message: 'CPU usage is 85.2%, exceeding threshold of 70.0',
      cause: 'static',
    },
  ]);
  expect(changes.map((change) => change.kind)).toEqual(['fired']);
});

test('an alert resolves by itself when the value recovers, and stays in the history', async () => {
  const { query, evaluate, alerting, changes } = await bench();
  query.set('cpu_usage', 95);
  await evaluate();
  query.set('cpu_usage', 20);
  await evaluate();
  await evaluate();
  expect(alerting.active()).toEqual([]);
  expect(changes.map((change) => change.kind)).toEqual(['fired', 'resolved']);
  const [record] = await alerting.history({ limit: 10 });
  expect(record).toMatchObject({ metricName: 'cpu_usage', severity: 'critical', notifications: 2 });
  expect((record?.resolvedAtMs ?? 0) - (record?.firedAtMs ?? 0)).toBe(2000);
});

test('one flutter back across the limit does not end and begin the alert anew', async () => {
  const { query, evaluate, changes } = await bench();
  for (const value of [95, 60, 95, 60, 95]) {
    query.set('cpu_usage', value);
    await evaluate();
  }
  expect(changes.map((change) => change.kind)).toEqual(['fired']);
});

test('a worsening alert changes its severity instead of becoming a second one', async () => {
  const { query, evaluate, alerting, changes } = await bench();
  query.set('cpu_usage', 75);
  await evaluate();
  query.set('cpu_usage', 95);
  await evaluate();
  expect(alerting.active()).toMatchObject([{ severity: 'critical', threshold: 90 }]);
  expect(changes.map((change) => change.kind)).toEqual(['fired', 'changed']);
});

test('each label set has its own alert', async () => {
  const { query, evaluate, alerting } = await bench();
  query.values.set('cpu_usage', [
    { labels: { __name__: 'cpu_usage', instance: 'a' }, value: 95 },
    { labels: { __name__: 'cpu_usage', instance: 'b' }, value: 95 },
    { labels: { __name__: 'cpu_usage', instance: 'c' }, value: 5 },
  ]);
  await evaluate();
  expect(
    alerting
      .active()
      .map((alert) => alert.labels['instance'])
      .sort(),
  ).toEqual(['a', 'b']);
});

test('a series that falls silent ends its alert', async () => {
  const { query, evaluate, alerting } = await bench();
  query.set('cpu_usage', 95);
  await evaluate();
  query.set('cpu_usage', undefined);
  await evaluate();
  await evaluate();
  expect(alerting.active()).toEqual([]);
});

test('new thresholds hold from the next evaluation; removing one ends its alert', async () => {
  const { query, evaluate, alerting } = await bench();
  query.set('cpu_usage', 50);
  await evaluate();
  expect(alerting.active()).toEqual([]);
  alerting.thresholds = { cpu_usage: 40 };
  await evaluate();
  expect(alerting.active()).toMatchObject([{ severity: 'high', threshold: 40 }]);
  alerting.thresholds = {};
  await evaluate();
  await evaluate();
  expect(alerting.active()).toEqual([]);
});

test('a restart keeps what fires, who acknowledged it and the silences', async () => {
  const { query, evaluate, alerting, restart, clock } = await bench();
  query.set('cpu_usage', 95);
  await evaluate();
  const id = alerting.active()[0]?.id ?? '';
  await alerting.acknowledge(id, 'ada');
  await alerting.addSilence({
    matchers: [{ label: 'alertname', op: '=', value: 'cpu_usage' }],
    startsAtMs: clock.nowMs(),
    endsAtMs: clock.nowMs() + 60_000,
    author: 'ada',
    comment: 'deploy',
  });
  const again = await restart();
  expect(again.active()).toMatchObject([{ id, acknowledgedBy: 'ada', silenced: true, severity: 'critical' }]);
});

test('an alert that began under a silence is told when the silence ends', async () => {
  const { query, evaluate, alerting, changes, clock } = await bench();
  const nowMs = clock.nowMs();
  const matchers = [{ label: 'alertname', op: '=~', value: 'cpu.*' }] as const;
  await alerting.addSilence({ matchers, startsAtMs: nowMs, endsAtMs: nowMs + 2500, author: 'ada', comment: '' });
  query.set('cpu_usage', 95);
  await evaluate();
  await evaluate();
  expect(changes.map((change) => [change.kind, change.alert.silenced])).toEqual([['fired', true]]);
  await evaluate();
  expect(changes.map((change) => [change.kind, change.alert.silenced])).toEqual([
    ['fired', true],
    ['fired', false],
  ]);
});

test('regression: a severity that changed under a silence is told when the silence ends', async () => {
  const { query, evaluate, alerting, changes, clock } = await bench();
  query.set('cpu_usage', 75);
  await evaluate();
  const nowMs = clock.nowMs();
  const matchers = [{ label: 'alertname', op: '=', value: 'cpu_usage' }] as const;
  await alerting.addSilence({ matchers, startsAtMs: nowMs, endsAtMs: nowMs + 2500, author: 'ada', comment: '' });
  query.set('cpu_usage', 95);
  for (let i = 0; i < 5; i++) await evaluate();
  expect(changes.map(({ kind, toldSeverity, alert }) => [kind, toldSeverity, alert.severity, alert.silenced])).toEqual([
    ['fired', undefined, 'medium', false],
    ['changed', 'medium', 'critical', true],
    ['changed', 'medium', 'critical', false],
  ]);
});

test('regression: a step of the ladder that comes together with what explains the alert is taken when that has ended', async () => {
  const { query, evaluate, changes } = await bench({
    thresholds: { cpu_usage: { warning: 70, critical: 90 }, memory_usage: { warning: 80, critical: 95 } },
    ladder: () => ({ steps: [{ afterMs: 2000 }], minimumSeverity: 'low' }),
    inhibitRules: [
      {
        source: [{ label: 'alertname', op: '=', value: 'memory_usage' }],
        target: [{ label: 'alertname', op: '=', value: 'cpu_usage' }],
        equal: [],
      },
    ],
  });
  query.set('cpu_usage', 85);
  await evaluate();
  await evaluate();
  query.set('memory_usage', 85);
  await evaluate();
  expect(changes.map(({ kind }) => kind)).toEqual(['fired', 'fired']);
  query.set('memory_usage', 10);
  for (let i = 0; i < 4; i++) await evaluate();
  const escalated = changes.find(({ kind, alert }) => kind === 'escalated' && alert.metricName === 'cpu_usage');
  expect(escalated?.alert.inhibitedBy).toBeUndefined();
  expect(escalated).toBeDefined();
});

test('a critical alert that nobody takes escalates once; an acknowledged one does not', async () => {
  const { query, evaluate, alerting, changes } = await bench({
    ladder: () => ({ steps: [{ afterMs: 3000 }], minimumSeverity: 'critical' }),
  });
  query.set('cpu_usage', 95);
  for (let i = 0; i < 8; i++) await evaluate();
  expect(changes.map((change) => change.kind)).toEqual(['fired', 'escalated']);
  expect(alerting.active()[0]?.escalationLevel).toBe(1);

  const taken = await bench({ ladder: () => ({ steps: [{ afterMs: 3000 }], minimumSeverity: 'critical' }) });
  taken.query.set('cpu_usage', 95);
  await taken.evaluate();
  await taken.alerting.acknowledge(taken.alerting.active()[0]?.id ?? '', 'ada');
  for (let i = 0; i < 8; i++) await taken.evaluate();
  expect(taken.changes.map((change) => change.kind)).toEqual(['fired']);
});

test('only its own history makes a value remarkable: a lasting rise above it is low', async () => {
  const { query, evaluate, alerting } = await bench();
  query.history.set(
    'cpu_usage',
    Array.from({ length: 60 }, (_, i) => 5 + (i % 3)),
  );
  query.set('cpu_usage', 60);
  await evaluate();
  expect(alerting.active()).toEqual([]);
  for (let i = 0; i < 4; i++) await evaluate();
  expect(alerting.active()).toMatchObject([{ severity: 'low', cause: 'learned' }]);
  expect(alerting.active()[0]?.message).toMatch(/^CPU usage is 60\.0%, exceeding learned threshold of [\d.]+$/);
});

test.each([
  ['no matcher', { matchers: [] }],
  ['a matcher that fits everything', { matchers: [{ label: 'x', op: '=~', value: '.*' }] }],
  ['an end before its start', { endsAtMs: 0 }],
] as const)('a silence with %s is refused', async (_, wrong) => {
  const { alerting, clock } = await bench();
  const silence = {
    matchers: [{ label: 'alertname', op: '=', value: 'x' }] as const,
    startsAtMs: clock.nowMs(),
    endsAtMs: clock.nowMs() + 1000,
    author: 'a',
    comment: '',
  };
  await expect(alerting.addSilence({ ...silence, ...wrong })).rejects.toMatchObject({ code: 'config_invalid' });
});

test('what does not exist cannot be acknowledged or ended', async () => {
  const { alerting } = await bench();
  await expect(alerting.acknowledge('nobody', 'ada')).rejects.toMatchObject({ code: 'state_not_found' });
  await expect(alerting.endSilence('nobody')).rejects.toMatchObject({ code: 'state_not_found' });
});

test('transition, history and notification are one transaction: when it fails nothing is remembered, and the next evaluation tries again', async () => {
  const { query, evaluate, alerting, state, changes } = await bench();
  await state.db.schema.alterTable('outbox').renameTo('outbox_away').execute();
  query.set('cpu_usage', 95);
  await expect(evaluate()).rejects.toThrow('outbox');
  expect(alerting.active()).toEqual([]);
  expect(await state.db.selectFrom('alerts').selectAll().execute()).toEqual([]);
  expect(await alerting.history({ limit: 5 })).toEqual([]);
  await state.db.schema.alterTable('outbox_away').renameTo('outbox').execute();
  await evaluate();
  expect(alerting.active()).toHaveLength(1);
  expect(changes.map((change) => change.kind)).toEqual(['fired', 'fired']);
  expect(await state.db.selectFrom('outbox').selectAll().execute()).toHaveLength(1);
});

test('a ladder is climbed step by step, its last step repeated, until somebody takes the alert', async () => {
  const ladder: Ladder = { steps: [{ afterMs: 3000 }, { afterMs: 6000 }], repeatMs: 4000, minimumSeverity: 'low' };
  const { query, evaluate, alerting, changes } = await bench({ ladder: () => ladder });
  query.set('cpu_usage', 85);
  for (let i = 0; i < 12; i++) await evaluate();
  expect(changes.map(({ kind, alert }) => [kind, alert.escalationLevel])).toEqual([
    ['fired', 0],
    ['escalated', 1],
    ['escalated', 2],
    ['escalated', 3],
  ]);
  await alerting.acknowledge(alerting.active()[0]?.id ?? '', 'ann');
  for (let i = 0; i < 12; i++) await evaluate();
  expect(changes).toHaveLength(4);
});

test('an alert that another one explains is told to nobody until that one has ended, and the history says why', async () => {
  const { query, evaluate, alerting, changes } = await bench({
    thresholds: { cpu_usage: { warning: 70, critical: 90 }, memory_usage: { warning: 80, critical: 95 } },
    inhibitRules: [
      {
        source: [{ label: 'alertname', op: '=', value: 'memory_usage' }],
        target: [{ label: 'alertname', op: '=', value: 'cpu_usage' }],
        equal: ['instance'],
      },
    ],
  });
  query.set('cpu_usage', 85);
  query.set('memory_usage', 85);
  await evaluate();
  expect(alerting.active().find(({ metricName }) => metricName === 'cpu_usage')?.inhibitedBy).toBe(
    alerting.active().find(({ metricName }) => metricName === 'memory_usage')?.id,
  );
  expect(changes.filter(({ alert }) => alert.inhibitedBy === undefined).map(({ alert }) => alert.metricName)).toEqual(['memory_usage']);
  const [record] = await alerting.history({ metricName: 'cpu_usage', limit: 1 });
  expect(record?.transitions[0]).toMatchObject({ kind: 'fired', muted: 'inhibited' });
  query.set('memory_usage', 10);
  for (let i = 0; i < 4; i++) await evaluate();
  expect(changes.at(-1)).toMatchObject({ kind: 'fired', alert: { metricName: 'cpu_usage' } });
  expect(changes.at(-1)?.alert.inhibitedBy).toBeUndefined();
});

test('a maintenance window comes again at its times, and silences nothing between them', async () => {
  const { clock, query, evaluate, alerting, changes } = await bench();
  const dayMs = 86_400_000;
  const nowMs = clock.nowMs();
  const startOfDay = nowMs - (nowMs % dayMs);
  await alerting.addSilence({
    matchers: [{ label: 'alertname', op: '=', value: 'cpu_usage' }],
    startsAtMs: nowMs,
    endsAtMs: nowMs + 30 * dayMs,
    times: [{ minutes: [{ from: 120, to: 180 }], zone: 'UTC' }],
    author: 'ann',
    comment: 'backups',
  });
  clock.jumpTo(startOfDay + dayMs + 2 * 3_600_000);
  query.set('cpu_usage', 85);
  await evaluate();
  expect(alerting.active()[0]?.silenced).toBe(true);
  clock.jumpTo(startOfDay + dayMs + 3 * 3_600_000);
  await evaluate();
  expect(alerting.active()[0]?.silenced).toBe(false);
  expect(changes.at(-1)).toMatchObject({ kind: 'fired', alert: { silenced: false } });
  expect(await alerting.silences()).toMatchObject([{ times: [{ minutes: [{ from: 120, to: 180 }], zone: 'UTC' }] }]);
});

test('a preview tells which active alerts matchers would cover, and refuses what a silence refuses', async () => {
  const { query, evaluate, alerting } = await bench();
  query.set('cpu_usage', 85);
  await evaluate();
  const cpu = [{ label: 'alertname', op: '=~', value: 'cpu.*' }] as const;
  expect(alerting.covered(cpu, 10).alerts.map(({ metricName }) => metricName)).toEqual(['cpu_usage']);
  expect(alerting.covered(cpu, 0).alerts).toEqual([]);
  expect(breakdownTotal(alerting.covered(cpu, 0).counts)).toBe(1);
  expect(alerting.covered([{ label: 'alertname', op: '=', value: 'memory_usage' }], 10).alerts).toEqual([]);
  expect(() => alerting.covered([], 10)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
});

test('alerts that begin together are one incident with its likely root, which ends with the last of them and can be taken as one', async () => {
  const { query, evaluate, alerting, restart } = await bench({
    thresholds: { cpu_usage: { warning: 70, critical: 90 }, api_response_time: { warning: 1000, critical: 5000 } },
  });
  query.set('api_response_time', 1200);
  await evaluate();
  query.set('cpu_usage', 85);
  await evaluate();
  const [incident, ...others] = await alerting.incidents({ isOpen: true, limit: 10 });
  expect(others).toEqual([]);
  expect(incident?.members.map(({ metricName }) => metricName)).toEqual(['api_response_time', 'cpu_usage']);
  expect(incident === undefined ? '' : incidentTitle(incident)).toMatch(/^CPU usage is .* and 1 more alert$/);
  expect(await alerting.acknowledgeIncident(incident?.id ?? '', 'ann')).toBe(2);
  expect(alerting.active().map(({ acknowledgedBy }) => acknowledgedBy)).toEqual(['ann', 'ann']);
  const again = await restart();
  expect(await again.incidents({ isOpen: true, limit: 10 })).toHaveLength(1);
  query.set('cpu_usage', 10);
  for (let i = 0; i < 3; i++) await evaluate();
  expect(await alerting.incidents({ isOpen: true, limit: 10 })).toHaveLength(1);
  query.set('api_response_time', 10);
  for (let i = 0; i < 3; i++) await evaluate();
  expect(await alerting.incidents({ isOpen: true, limit: 10 })).toEqual([]);
  expect((await alerting.incidents({ isOpen: false, limit: 10 }))[0]?.endedAtMs).toBeGreaterThan(0);
  await expect(alerting.acknowledgeIncident('nobody', 'ann')).rejects.toMatchObject({ code: 'state_not_found' });
});

test('regression: a restart keeps alerts that others pushed, though no rule of ours makes them', async () => {
  const { alerting, restart, clock } = await bench();
  await alerting.push([{ labels: { alertname: 'HostDown' }, annotations: {}, startsAtMs: undefined, endsAtMs: undefined }]);
  const [before] = alerting.active();
  expect(before?.metricName).toBe('HostDown');
  const again = await restart();
  await again.evaluate(clock.nowMs());
  expect(again.active().map(({ id }) => id)).toEqual([before?.id]);
});
