import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sharedMonitor } from './shared-monitor.ts';

const SHARED = Symbol.for('bellwether.monitor');
let before: unknown;

beforeEach(() => {
  before = Reflect.get(globalThis, SHARED);
  Reflect.deleteProperty(globalThis, SHARED);
});
afterEach(() => {
  Reflect.set(globalThis, SHARED, before);
  vi.restoreAllMocks();
});

test('copies of the package share one monitor and its registry', () => {
  const first = sharedMonitor();
  expect(sharedMonitor()).toBe(first);
  expect(sharedMonitor().registry).toBe(first.registry);
});

test('a copy that does not fit gets a monitor of its own, and says so', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const other = {};
  Reflect.set(globalThis, SHARED, { protocol: 0, version: '0.0.1', monitor: other });
  expect(sharedMonitor()).not.toBe(other);
  expect(String(warn.mock.calls[0]?.[0])).toContain('0.0.1');
  expect(Reflect.get(globalThis, SHARED)).toMatchObject({ monitor: other });
});
