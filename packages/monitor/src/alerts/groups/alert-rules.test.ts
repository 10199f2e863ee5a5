import { expect, test } from 'vitest';
import type { QueryEngine } from '../../query/query-engine.ts';
import { ruleBench, type RuleBench } from './rule-bench.ts';

const DOWN = `
groups:
- name: g
  interval: 1s
  rules:
  - alert: Down
    expr: up == 0
    for: 3s
    labels: { severity: page, team: '{{ $labels.job }}-team' }
    annotations: { summary: '{{ $labels.instance }} is down ({{ $value }})' }
`;

test('a breach is pending until `for` has passed and fires at that evaluation', async () => {
  await using bench = await ruleBench(DOWN);
  await bench.run(3, () => bench.set('up', { instance: 'a', job: 'api' }, 0));
  expect(bench.alerting.active()).toEqual([]);
  expect(await bench.ask('ALERTS')).toEqual({
    'ALERTS{alertname=Down,alertstate=pending,instance=a,job=api,severity=page,team=api-team}': 1,
  });
  await bench.run(1, () => bench.set('up', { instance: 'a', job: 'api' }, 0));
  expect(bench.alerting.active()).toMatchObject([
    {
      metricName: 'Down',
      severity: 'critical',
      message: 'a is down (0)',
      labels: { instance: 'a', job: 'api', team: 'api-team' },
      group: 'g',
    },
  ]);
  expect(await bench.ask('ALERTS')).toEqual({
    'ALERTS{alertname=Down,alertstate=firing,instance=a,job=api,severity=page,team=api-team}': 1,
  });
});

test('a breach that ends before `for` has passed never fires, and its series end at once', async () => {
  await using bench = await ruleBench(DOWN);
  await bench.run(3, () => bench.set('up', { instance: 'a' }, 0));
  await bench.run(1, () => bench.set('up', { instance: 'a' }, 1));
  expect(await bench.ask('ALERTS or ALERTS_FOR_STATE')).toEqual({});
  expect(bench.changes).toEqual([]);
});

test('an alert that is over resolves at that evaluation', async () => {
  await using bench = await ruleBench(DOWN);
  await bench.run(5, () => bench.set('up', { instance: 'a' }, 0));
  await bench.run(1, () => bench.set('up', { instance: 'a' }, 1));
  expect(bench.changes.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
  const [record] = await bench.alerting.history({ limit: 10 });
  expect(record?.transitions.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['pending', undefined],
    ['fired', undefined],
    ['resolved', 'recovered'],
  ]);
});

test('`keep_firing_for` holds an alert that is absent', async () => {
  await using bench = await ruleBench(`
groups:
- name: g
  interval: 1s
  rules:
  - { alert: Down, expr: up == 0, keep_firing_for: 2s }
`);
  await bench.run(1, () => bench.set('up', {}, 0));
  await bench.run(2, () => bench.set('up', {}, 1));
  expect(bench.alerting.active()).toHaveLength(1);
  await bench.run(1, () => bench.set('up', {}, 1));
  expect(bench.alerting.active()).toEqual([]);
});

test('later rules of a group see recorded series and ALERTS of the same cycle', async () => {
  await using bench = await ruleBench(`
groups:
- name: g
  interval: 1s
  rules:
  - { record: 'job:up:sum', expr: sum by (job) (up), labels: { from: rule } }
  - { alert: Low, expr: 'job:up:sum < 2' }
  - { alert: AlsoLow, expr: 'ALERTS{alertname="Low",alertstate="firing"}' }
`);
  await bench.run(1, () => bench.set('up', { job: 'api', instance: 'a' }, 1));
  expect(bench.alerting.active().map(({ metricName, labels }) => [metricName, labels['from']])).toEqual([
    ['Low', 'rule'],
    ['AlsoLow', 'rule'],
  ]);
});

test('a recorded series that vanishes is marked stale at that evaluation', async () => {
  await using bench = await ruleBench(`
groups:
- name: g
  interval: 1s
  rules:
  - { record: low, expr: up < 1 }
`);
  await bench.run(1, () => bench.set('up', {}, 0));
  expect(await bench.ask('low')).toEqual({ 'low{}': 0 });
  await bench.run(1, () => bench.set('up', {}, 1));
  expect(await bench.ask('low')).toEqual({});
});

test('two results with the same labels are an error of the rule and change nothing', async () => {
  await using bench = await ruleBench(`
groups:
- name: g
  interval: 1s
  rules:
  - { alert: Down, expr: up == 0, labels: { instance: '' } }
`);
  await bench.run(1, () => bench.set('up', { instance: 'a' }, 0));
  await bench.run(1, () => {
    bench.set('up', { instance: 'a' }, 0);
    bench.set('up', { instance: 'b' }, 0);
  });
  expect(bench.alerting.rules.groups()[0]?.rules[0]).toMatchObject({
    health: 'err',
    lastError: 'vector contains metrics with the same labelset after applying alert labels',
  });
  expect(bench.alerting.active()).toHaveLength(1);
});

test('a rule beyond the limit of its group is an error and its alerts end', async () => {
  await using bench = await ruleBench(`
groups:
- name: g
  interval: 1s
  limit: 1
  rules:
  - { alert: Down, expr: up == 0 }
  - { record: copy, expr: up }
`);
  await bench.run(1, () => bench.set('up', { instance: 'a' }, 0));
  await bench.run(1, () => bench.set('up', { instance: 'b' }, 0));
  const [group] = bench.alerting.rules.groups();
  expect(group?.rules.map(({ lastError }) => lastError)).toEqual([
    'exceeded limit of 1 with 2 alerts',
    'exceeded limit of 1 with 2 series',
  ]);
  expect(bench.alerting.active()).toEqual([]);
  expect(bench.changes.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
});

test('`query_offset` looks back and dates what it writes back, too', async () => {
  await using bench = await ruleBench(`
groups:
- name: g
  interval: 1s
  query_offset: 2s
  rules:
  - { record: late, expr: timestamp(up) }
`);
  await bench.run(5, () => bench.set('up', {}, 1));
  const { value } = await bench.query.instant('timestamp(late) - late', bench.clock.nowMs());
  const newest = await bench.query.instant('time() - timestamp(late)', bench.clock.nowMs());
  expect(value).toMatchObject({ samples: [{ value: 0 }] });
  expect(newest.value).toMatchObject({ samples: [{ value: 2 }] });
});

test('a restart neither fires nor forgets: time in which nobody looked does not count for `for`', async () => {
  await using bench = await ruleBench(DOWN.replace('3s', '10s'));
  await bench.run(5, () => bench.set('up', { instance: 'a' }, 0));
  await bench.clock.advance(100_000);
  await bench.restart();
  await bench.run(6, () => bench.set('up', { instance: 'a' }, 0));
  expect(bench.alerting.active()).toEqual([]);
  await bench.run(1, () => bench.set('up', { instance: 'a' }, 0));
  expect(bench.alerting.active()).toHaveLength(1);
});

test('an alert that fired before a restart is the same alert after it', async () => {
  await using bench = await ruleBench(DOWN);
  await bench.run(5, () => bench.set('up', { instance: 'a' }, 0));
  const [before] = bench.alerting.active();
  await bench.restart();
  await bench.run(2, () => bench.set('up', { instance: 'a' }, 0));
  expect(bench.alerting.active().map(({ id }) => id)).toEqual([before?.id]);
  expect(bench.changes.map(({ kind }) => kind)).toEqual(['fired']);
});

test('a rule that is taken away ends its alerts and says why', async () => {
  await using bench = await ruleBench(DOWN);
  await bench.run(5, () => bench.set('up', { instance: 'a' }, 0));
  await bench.alerting.rules.replaceFileGroups([]);
  expect(bench.alerting.active()).toEqual([]);
  const [record] = await bench.alerting.history({ limit: 1 });
  expect(record?.transitions.at(-1)).toMatchObject({ kind: 'resolved', reason: 'rule_removed' });
  await bench.clock.advance(1);
  expect(await bench.ask('ALERTS')).toEqual({});
});

test('groups of the API are kept over a restart, replaced and removed', async () => {
  await using bench = await ruleBench('');
  await bench.alerting.rules.save('{"name": "api", "interval": "1s", "rules": [{"alert": "Down", "expr": "up == 0"}]}');
  await expect(bench.alerting.rules.save('name: api\nrules: []')).rejects.toMatchObject({ code: 'state_conflict' });
  await bench.restart();
  await bench.run(2, () => bench.set('up', {}, 0));
  expect(bench.alerting.active()).toHaveLength(1);
  await bench.alerting.rules.save('name: api\ninterval: 1s\nrules: [{alert: Down, expr: up == 0, annotations: {summary: new}}]', {
    replaces: 'api',
  });
  await bench.run(1, () => bench.set('up', {}, 0));
  expect(bench.alerting.active()).toMatchObject([{ message: 'new' }]);
  expect(bench.changes.map(({ kind }) => kind)).toEqual(['fired']);
  await bench.alerting.rules.remove('api');
  expect(bench.alerting.active()).toEqual([]);
  await expect(bench.alerting.rules.remove('api')).rejects.toMatchObject({ code: 'state_not_found' });
});

const EXTENDED = (extensions: string): string => `
groups:
- name: g
  interval: 1s
  rules:
  - alert: Hot
    expr: temperature
    x_bellwether: ${extensions}
`;

test('hysteresis: an alert that fires at 85 ends only below 75', async () => {
  await using bench = await ruleBench(EXTENDED('{ fire: 85, clear: 75 }'));
  const seen: number[] = [];
  for (const value of [84, 86, 80, 76, 75, 84, 86]) {
    await bench.run(1, () => bench.set('temperature', {}, value));
    seen.push(bench.alerting.active().length);
  }
  expect(seen).toEqual([0, 1, 1, 1, 0, 0, 1]);
});

test('one rule rises and falls through the severities', async () => {
  await using bench = await ruleBench(EXTENDED('{ thresholds: { medium: 70, critical: { fire: 90, clear: 85 } } }'));
  const seen: (string | undefined)[] = [];
  for (const value of [60, 75, 95, 87, 80, 60]) {
    await bench.run(1, () => bench.set('temperature', {}, value));
    seen.push(bench.alerting.active()[0]?.severity);
  }
  expect(seen).toEqual([undefined, 'medium', 'critical', 'critical', 'medium', undefined]);
});

test.each([
  ['alert', ['Hot', 'Hot']],
  ['keep', ['Hot']],
  ['resolve', []],
])('without data the policy %s leaves %j', async (policy, names) => {
  await using bench = await ruleBench(EXTENDED(`{ fire: 85, no_data: ${policy} }`));
  await bench.run(1, () => bench.set('temperature', {}, 90));
  await bench.run(310);
  expect(bench.alerting.active().map(({ metricName }) => metricName)).toEqual(names);
  if (policy === 'alert')
    expect(bench.alerting.active()).toContainEqual(expect.objectContaining({ cause: 'no_data', message: 'Hot has no data' }));
  await bench.run(1, () => bench.set('temperature', {}, 10));
  expect(bench.alerting.active()).toEqual([]);
});

const MISSING = (policy: string): string => EXTENDED(`{ fire: 85, no_data: { policy: ${policy}, missing_series: 20m } }`);

test('a series that is gone while others stay raises an alert of its own, which ends when it is back', async () => {
  await using bench = await ruleBench(MISSING('alert'));
  const both = (second: number): void => {
    bench.set('temperature', { room: 'a' }, 20 + (second % 2));
    bench.set('temperature', { room: 'b' }, 90);
  };
  await bench.run(2, both);
  await bench.restart();
  await bench.run(310, () => bench.set('temperature', { room: 'a' }, 20));
  expect(bench.alerting.active()).toMatchObject([
    { labels: { room: 'b', cause: 'no_data' }, cause: 'no_data', message: 'Hot has no data of {room="b"}' },
    { labels: { room: 'b' }, cause: 'rule' },
  ]);
  await bench.run(1, both);
  expect(bench.alerting.active()).toMatchObject([{ labels: { room: 'b' }, cause: 'rule' }]);
});

test('a series is missed for as long as the rule says', async () => {
  await using bench = await ruleBench(MISSING('keep'));
  await bench.run(1, () => bench.set('temperature', { room: 'b' }, 90));
  const others = (): void => bench.set('temperature', { room: 'a' }, 20);
  await bench.run(1400, others);
  expect(bench.alerting.active()).toMatchObject([{ labels: { room: 'b' }, cause: 'rule' }]);
  await bench.run(120, others);
  expect(bench.alerting.active()).toEqual([]);
});

test.each([
  ['alert', 2, 'error'],
  ['keep', 1, 'rule'],
  ['resolve', 0, undefined],
])('with an error the policy %s leaves %d alerts', async (policy, count, cause) => {
  const rule = EXTENDED(`{ fire: 85, error: ${policy} }`).replace('expr: temperature', 'expr: temperature * on (x) group_left () side');
  await using bench = await ruleBench(rule);
  await bench.run(1, () => {
    bench.set('temperature', { x: '1' }, 90);
    bench.set('side', { x: '1' }, 1);
  });
  expect(bench.alerting.active()).toHaveLength(1);
  await bench.run(1, () => bench.set('side', { x: '1', y: 'too many' }, 1));
  expect(bench.alerting.rules.groups()[0]?.rules[0]?.health).toBe('err');
  expect(bench.alerting.active()).toHaveLength(count);
  if (cause !== undefined) expect(bench.alerting.active().map((alert) => alert.cause)).toContain(cause);
});

test('dynamic: what is unusual is learned from the series itself', async () => {
  await using bench = await ruleBench(EXTENDED('{ dynamic: true }'));
  await bench.run(400, (second) => bench.set('temperature', {}, 20 + (second % 3)));
  expect(bench.alerting.active()).toEqual([]);
  await bench.run(2, () => bench.set('temperature', {}, 60));
  expect(bench.alerting.active()).toMatchObject([{ cause: 'learned', severity: 'low' }]);
});

test.each([
  ['{ dynamic: true }', 0],
  ['{ dynamic: true, direction: below }', 1],
  ['{ dynamic: true, direction: both }', 1],
  ['{ fire: 85, dynamic: true }', 0],
])('dynamic looks at the sides that the direction names: %s', async (extensions, count) => {
  await using bench = await ruleBench(EXTENDED(extensions));
  await bench.run(400, (second) => bench.set('temperature', {}, -20 - (second % 3)));
  await bench.run(2, () => bench.set('temperature', {}, -60));
  expect(bench.alerting.active()).toHaveLength(count);
  if (count > 0) expect(bench.alerting.active()).toMatchObject([{ cause: 'learned', threshold: expect.closeTo(-31.5, 0) }]);
});

test('a rule differs by environment', async () => {
  const extensions = '{ fire: 85, environments: { staging: { fire: 95 }, test: { enabled: false } } }';
  for (const [environment, count] of [
    ['production', 1],
    ['staging', 0],
    ['test', 0],
  ] as const) {
    await using bench = await ruleBench(EXTENDED(extensions), { environment });
    await bench.run(1, () => bench.set('temperature', {}, 90));
    expect(bench.alerting.active(), environment).toHaveLength(count);
  }
});

test('means to acknowledge and to resolve are told by rule', async () => {
  await using bench = await ruleBench(DOWN);
  await bench.run(4, () => bench.set('up', { instance: 'a' }, 0));
  await bench.run(2, () => bench.set('up', { instance: 'a' }, 0));
  await bench.alerting.acknowledge(bench.alerting.active()[0]?.id ?? '', 'ada');
  await bench.run(1, () => bench.set('up', { instance: 'a' }, 1));
  const [rule] = await bench.alerting.historyByRule({});
  expect(rule).toMatchObject({ metricName: 'Down', fired: 1, acknowledged: 1, resolved: 1, meanTimeToResolveMs: 3000 });
  expect(rule?.meanTimeToAcknowledgeMs).toBeGreaterThanOrEqual(2000);
});

test('regression: templates that take too many steps over all series are an error of the rule that says so, and the next rule goes on', async () => {
  const yaml = `
groups:
- name: g
  interval: 1s
  rules:
  - alert: Costly
    expr: up == 0
    annotations:
      all: '{{ range query "up" }}{{ range query "up" }}{{ range query "up" }}{{ end }}{{ end }}{{ end }}'
  - alert: Plain
    expr: up == 0
`;
  await using bench = await ruleBench(yaml);
  await bench.run(1, () => {
    for (let i = 0; i < 150; i++) bench.set('up', { instance: `${i}` }, 0);
  });
  const [costly, plain] = bench.alerting.rules.groups()[0]?.rules ?? [];
  expect(costly).toMatchObject({
    health: 'err',
    lastError: expect.stringContaining('the templates of one evaluation of the rule take more than'),
  });
  expect(plain).toMatchObject({ health: 'ok' });
  expect(plain?.alerts).toHaveLength(150);
});

test('regression: groups of the API are bounded in length and in number of rules, those of files are not', async () => {
  const rules = (count: number): string => `rules: [${'{ record: a, expr: b },'.repeat(count)}]`;
  await using bench = await ruleBench(`groups: [{ name: file, interval: 1m, ${rules(600)} }]`);
  const { rules: saved } = bench.alerting;
  await expect(saved.save(`{ name: long, rules: [] } #${'x'.repeat(65_536)}`)).rejects.toThrow('may have 65536 characters');
  await expect(saved.save(`{ name: many, ${rules(501)} }`)).rejects.toThrow('may have 500 rules');
  for (let i = 0; i < 20; i++) await saved.save(`{ name: g${i}, ${rules(500)} }`);
  await expect(saved.save(`{ name: more, ${rules(1)} }`)).rejects.toThrow('more than 10000 rules together');
  expect(await saved.save(`{ name: g0, ${rules(499)} }`, { replaces: 'g0' })).toMatchObject({ group: { name: 'g0' } });
  expect(saved.groups()).toHaveLength(21);
});

const SLOW = `
groups:
- name: slow
  interval: 10s
  rules: [{ alert: Slow, expr: slow == 1 }, { alert: Sibling, expr: up == 0 }]
- name: fast
  interval: 10s
  rules: [{ alert: Fast, expr: up == 0 }]
`;

/** Queries that name `slow` are answered when `release` is called. */
function slowQueries(): {
  readonly slowed: (query: QueryEngine) => QueryEngine;
  readonly release: () => void;
  readonly asked: AbortSignal[];
} {
  const gate = Promise.withResolvers<void>();
  const asked: AbortSignal[] = [];
  const slowed = (query: QueryEngine): QueryEngine => {
    const answer = query.instant.bind(query);
    const instant: QueryEngine['instant'] = async (expression, atMs, options) => {
      if (expression.startsWith('slow')) {
        if (options?.signal !== undefined) asked.push(options.signal);
        await gate.promise;
      }
      return await answer(expression, atMs, options);
    };
    return Object.assign(query, { instant });
  };
  return { slowed, release: () => gate.resolve(), asked };
}

/** One evaluation, however long it waits on the clock. @returns how long it waited, in ms */
async function evaluated({ clock, alerting }: RuleBench): Promise<number> {
  const startedMs = clock.monotonicMs();
  const round = { isDone: false };
  const done = alerting.evaluate(clock.nowMs()).finally(() => (round.isDone = true));
  while (!round.isDone) await clock.advance(10);
  await done;
  return clock.monotonicMs() - startedMs;
}

test('regression: a slow expression holds up neither the other rules nor the other groups, and is judged as of when it was asked', async () => {
  const { slowed, release, asked } = slowQueries();
  await using bench = await ruleBench(SLOW, { slowed });
  bench.set('slow', {}, 1);
  bench.set('up', {}, 0);
  const beganAtMs = bench.clock.nowMs();
  await bench.clock.advance(10_000);
  expect(await evaluated(bench)).toBeLessThan(2000);
  const names = (): readonly string[] => bench.alerting.active().map(({ metricName }) => metricName);
  expect(names().toSorted()).toEqual(['Fast', 'Sibling']);
  await bench.clock.advance(10_000);
  expect(await evaluated(bench)).toBeLessThan(100);
  expect(asked).toHaveLength(1);
  release();
  await bench.clock.advance(1000);
  await evaluated(bench);
  expect(names()).toContain('Slow');
  const { firedAtMs = 0 } = bench.alerting.active().find(({ metricName }) => metricName === 'Slow') ?? {};
  expect(firedAtMs).toBeLessThanOrEqual(beganAtMs + 10_000);
});

test('regression: what a slow expression asked ends with its rule, and few may be late at once', async () => {
  const rules = Array.from({ length: 6 }, (_, i) => `{ alert: Slow${i}, expr: slow == ${i} }`);
  const { slowed, asked } = slowQueries();
  await using bench = await ruleBench(`groups: [{ name: slow, interval: 10s, rules: [${rules.join(', ')}] }]`, { slowed });
  await bench.clock.advance(10_000);
  await evaluated(bench);
  const healths = bench.alerting.rules.groups()[0]?.rules.map(({ health }) => health);
  expect(healths).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'err', 'err']);
  expect(bench.alerting.rules.groups()[0]?.rules[5]?.lastError).toContain('4 others that do are waited for already');
  expect(asked.map(({ aborted }) => aborted)).toEqual([false, false, false, false, true, true]);
  await bench.alerting.rules.replaceFileGroups([]);
  expect(asked.every(({ aborted }) => aborted)).toBe(true);
});

test('regression: a rule with another expression misses nothing that only the one before gave', async () => {
  const group = (expr: string): string =>
    `{ name: g, interval: 1s, rules: [{ alert: Hot, expr: ${expr}, x_bellwether: { fire: 85, no_data: { policy: alert, missing_series: 20m } } }] }`;
  await using bench = await ruleBench('');
  await bench.alerting.rules.save(group('temperature'));
  await bench.run(2, () => bench.set('temperature', { room: 'a' }, 20));
  await bench.alerting.rules.save(group('heat'), { replaces: 'g' });
  await bench.run(2, () => bench.set('heat', { room: 'b' }, 20));
  expect(bench.alerting.active()).toEqual([]);
});
