import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INACTIVE, isActive, nextState, type AlertState } from './next-state.ts';

const HOLD = { holdMs: 1000, keepFiringMs: 2000 };

function run(breaches: readonly boolean[], stepMs: number, hold = HOLD): AlertState[] {
  let state = INACTIVE;
  return breaches.map((breached, index) => (state = nextState(state, breached, index * stepMs, hold)));
}

test('without holds it fires at the first breach and resolves at the first good value', () => {
  expect(run([true, false], 100, { holdMs: 0, keepFiringMs: 0 }).map((state) => state.phase)).toEqual(['firing', 'inactive']);
});

test('a breach shorter than holdMs never fires', () => {
  expect(run([true, true, false, true, false], 400).some(isActive)).toBe(false);
});

test('a breach of exactly holdMs fires', () => {
  expect(run([true, true], 1000).at(-1)).toEqual({ phase: 'firing', activeAtMs: 0, firedAtMs: 1000 });
});

test('an alert that recovers too briefly stays the same alert', () => {
  const states = run([true, true, false, true], 1000);
  expect(states.map((state) => state.phase)).toEqual(['pending', 'firing', 'recovering', 'firing']);
  expect(states.at(-1)).toMatchObject({ firedAtMs: 1000 });
});

test('a clock that jumps backwards starts the hold anew', () => {
  const pending = nextState(INACTIVE, true, 10_000, HOLD);
  expect(nextState(pending, true, 5000, HOLD)).toEqual({ phase: 'pending', sinceMs: 5000 });
});

test('property: it never fires without a breach at that moment, and never ends without a good value', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.nat(3000), (breaches, stepMs) => {
      let before = INACTIVE;
      for (const [index, state] of run(breaches, stepMs).entries()) {
        if (!isActive(before) && isActive(state)) expect(breaches[index]).toBe(true);
        if (isActive(before) && !isActive(state)) expect(breaches[index]).toBe(false);
        before = state;
      }
    }),
  );
});

const anyHold = fc.record({ holdMs: fc.nat(5000), keepFiringMs: fc.nat(5000) });
const anySteps = fc.array(fc.record({ breached: fc.boolean(), gapMs: fc.nat(2000) }), { maxLength: 60 });

test('property: it fires exactly when breaches without a break have lasted `holdMs`, and ends exactly when good values have lasted `keepFiringMs`', () => {
  fc.assert(
    fc.property(anySteps, anyHold, (steps, hold) => {
      let state = INACTIVE;
      let nowMs = 0;
      let since: number | undefined;
      for (const { breached, gapMs } of steps) {
        nowMs += gapMs;
        const wasActive = isActive(state);
        const isTurn = breached !== wasActive;
        // Since when the values have spoken against the present state.
        since = isTurn ? (since ?? nowMs) : undefined;
        state = nextState(state, breached, nowMs, hold);
        const longEnough = since !== undefined && nowMs - since >= (wasActive ? hold.keepFiringMs : hold.holdMs);
        expect(isActive(state)).toBe(longEnough ? !wasActive : wasActive);
        if (isActive(state) !== wasActive) since = undefined;
      }
    }),
  );
});

test('property: a crash between two evaluations changes nothing: the state is plain data', () => {
  fc.assert(
    fc.property(anySteps, anyHold, fc.nat(59), (steps, hold, crashAt) => {
      let [whole, crashed] = [INACTIVE, INACTIVE];
      let nowMs = 0;
      for (const [i, { breached, gapMs }] of steps.entries()) {
        nowMs += gapMs;
        whole = nextState(whole, breached, nowMs, hold);
        if (i === crashAt) crashed = JSON.parse(JSON.stringify(crashed)) as AlertState;
        crashed = nextState(crashed, breached, nowMs, hold);
      }
      expect(crashed).toEqual(whole);
    }),
  );
});
