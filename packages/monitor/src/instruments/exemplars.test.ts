import { expect, test } from 'vitest';
import { setup } from './testing/wire-receiver.ts';

test('the largest value of an interval is kept with the span it was recorded in, under its bucket, and told once', () => {
  const { clock, registry } = setup();
  let span: { readonly trace_id: string } | undefined = { trace_id: 'a' };
  using _source = registry.exemplarsFrom(() => span);
  const timer = registry.timer('work');
  timer.record(3, { route: '/a' });
  span = { trace_id: 'b' };
  timer.record(100, { route: '/a' });
  span = { trace_id: 'c' };
  timer.record(50, { route: '/a' });
  const batch = registry.drain(clock.nowMs() + 1000);
  expect(batch?.exemplars).toEqual([
    {
      series: { name: 'work_bucket', labels: { route: '/a', le: '128' }, meta: { kind: 'gauge', unit: 'ms', help: '' } },
      value: 100,
      atMs: clock.nowMs(),
      labels: { trace_id: 'b' },
    },
  ]);
  timer.record(1, { route: '/a' });
  span = undefined;
  timer.record(2, { route: '/a' });
  expect(registry.drain(clock.nowMs() + 2000)?.exemplars).toBeUndefined();
});
