import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const IMPORTS = `
  import { createRegistry } from '${new URL('../instruments/registry.ts', import.meta.url).href}';
  import { systemClock } from '${new URL('../base/system-clock.ts', import.meta.url).href}';
  import { observeProcessErrors } from '${new URL('process-errors.ts', import.meta.url).href}';
  const registry = createRegistry({ clock: systemClock });
  const counted = () => {
    const batch = registry.drain(Date.now() + 1000);
    const found = {};
    for (const [i, slot] of (batch?.slots ?? []).entries()) {
      const { name, labels } = batch.newSeries[slot];
      if (name === 'process_uncaught_errors_total') found[labels.kind + ' ' + labels.error] = batch.values[i];
    }
    return found;
  };
  process.on('exit', () => console.log(JSON.stringify(counted())));
  const counts = () => ['uncaughtExceptionMonitor', 'newListener', 'removeListener'].map((event) => process.listenerCount(event)).join();
  const before = counts();
  const observed = observeProcessErrors(registry);
  observeProcessErrors(registry)[Symbol.dispose]();
  class PaymentRefused extends Error { name = 'PaymentRefused'; }
`;

function run(source: string): { readonly status: number | null; readonly counted: unknown; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', IMPORTS + source],
    { encoding: 'utf8' },
  );
  return { status, counted: JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null'), stderr };
}

test('an uncaught exception is counted and ends the process as before', () => {
  const { status, counted, stderr } = run(`setTimeout(() => { throw new PaymentRefused('no') }, 1)`);
  expect([status, counted]).toEqual([1, { 'exception PaymentRefused': 1 }]);
  expect(stderr).toContain('PaymentRefused: no');
});

test('a rejection nobody handles is counted and ends the process as before', () => {
  const { status, counted } = run(`Promise.reject(new TypeError('no')); setTimeout(() => {}, 1000)`);
  expect([status, counted]).toEqual([1, { 'rejection TypeError': 1 }]);
});

test('a rejection the application handles is counted and handled as before', () => {
  const { status, counted } = run(`
    process.on('unhandledRejection', () => {});
    await null;
    Promise.reject('text');
    setTimeout(() => {}, 20);
  `);
  expect([status, counted]).toEqual([0, { 'rejection string': 1 }]);
});

test('ours goes with the application’s last listener, so the process ends again', () => {
  const { status, counted } = run(`
    const theirs = () => {};
    process.on('unhandledRejection', theirs);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', theirs);
    setTimeout(() => Promise.reject(new Error('no')), 5);
    setTimeout(() => {}, 1000);
  `);
  expect([status, counted]).toEqual([1, { 'rejection Error': 1 }]);
});

test('names of errors are bounded, and a name that is no name is not told', () => {
  const { counted } = run(`
    process.on('uncaughtException', () => {});
    const late = (work) => new Promise((resolve) => setTimeout(() => { setTimeout(resolve, 0); work(); }, 0));
    for (let i = 0; i < 60; i++) await late(() => { throw Object.assign(new Error('x'), { name: 'E' + i }) });
    await late(() => { throw Object.assign(new Error('x'), { name: 'token=secret value' }) });
  `);
  expect(Object.keys(counted as object)).toHaveLength(51);
  expect((counted as Record<string, number>)['exception (other)']).toBe(11);
});

test('after disposal nothing is left on the process', () => {
  const { counted, stderr } = run(`
    observed[Symbol.dispose]();
    process.on('unhandledRejection', () => {});
    await null;
    if (counts() !== before || process.listenerCount('unhandledRejection') !== 1) console.error('left', before, counts());
  `);
  expect([counted, stderr]).toEqual([{}, '']);
});
