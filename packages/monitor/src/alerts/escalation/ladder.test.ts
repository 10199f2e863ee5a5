import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileLadders } from './find-ladder.ts';
import {
  climbAt,
  climbOn,
  DEFAULT_LADDER,
  nextEscalationMs,
  OWN_CHANNELS,
  type Climb,
  type Climber,
  type Ladder,
  type NamedLadder,
} from './ladder.ts';

const MINUTE = 60_000;
const LADDER: Ladder = {
  steps: [
    { afterMs: 5 * MINUTE, channels: ['team'] },
    { afterMs: 15 * MINUTE, channels: ['boss'] },
  ],
  repeatMs: 30 * MINUTE,
  minimumSeverity: 'high',
};
const at = (minutes: number, level = 0, ladder = LADDER): number =>
  climbOn(ladder, { severity: 'high', level, climb: undefined }, minutes * MINUTE)?.level ?? level;

/** Climbs minute by minute, by the ladder that holds at each; what was told when. */
function climbThrough(minutes: number, ladderAt: (minute: number) => Ladder): readonly (readonly [number, string])[] {
  let climber: Climber = { severity: 'critical', level: 0, climb: undefined };
  const told: [number, string][] = [];
  for (let minute = 0; minute <= minutes; minute++) {
    const next = climbOn(ladderAt(minute), climber, minute * MINUTE);
    if (next === undefined) continue;
    expect(next.level).toBeGreaterThan(climber.level);
    climber = { ...climber, ...next };
    told.push([minute, next.climb.last.join('+')]);
  }
  return told;
}
const steps = (...given: readonly (readonly [number, ...string[]])[]): Ladder => ({
  steps: given.map(([minute, ...channels]) => ({ afterMs: minute * MINUTE, ...(channels.length === 0 ? {} : { channels }) })),
  minimumSeverity: 'low',
});

test('steps are taken one after another, and the last is repeated', () => {
  expect([4, 5, 14, 15, 44, 45, 75].map((minutes) => at(minutes))).toEqual([0, 1, 1, 2, 2, 3, 4]);
  expect(climbThrough(80, () => LADDER)).toEqual([
    [5, 'team'],
    [15, 'boss'],
    [45, 'boss'],
    [75, 'boss'],
  ]);
});

test('steps missed while nobody evaluated are told as one, to all whom they name', () => {
  expect(climbOn(LADDER, { severity: 'high', level: 0, climb: undefined }, 50 * MINUTE)).toEqual({
    level: 3,
    climb: { told: ['team', 'boss'], atMs: 45 * MINUTE, last: ['team', 'boss'] },
  });
});

test('a ladder never steps down, and without repetition it ends', () => {
  expect(at(1, 2)).toBe(2);
  expect(climbOn(DEFAULT_LADDER, { severity: 'critical', level: 1, climb: undefined }, 10_000 * MINUTE)).toBeUndefined();
  expect(nextEscalationMs(DEFAULT_LADDER, { severity: 'critical', level: 1, climb: undefined })).toBe(Infinity);
});

test('less severe alerts stay where they are', () => {
  expect(climbOn(LADDER, { severity: 'medium', level: 0, climb: undefined }, 60 * MINUTE)).toBeUndefined();
});

test('the next escalation is a step, then a repetition', () => {
  const next = (level: number): number => nextEscalationMs(LADDER, { severity: 'high', level, climb: climbAt(LADDER, level) }) / MINUTE;
  expect([0, 1, 2, 3].map(next)).toEqual([5, 15, 45, 75]);
});

test('a ladder that is changed under an alert tells whom it names anew, and nobody twice', () => {
  const before = steps([5, 'team'], [30, 'boss']);
  const told = (after: Ladder): readonly (readonly [number, string])[] => climbThrough(60, (minute) => (minute < 10 ? before : after));
  expect(told(steps([2, 'desk'], [5, 'team'], [30, 'boss']))).toEqual([
    [5, 'team'],
    [10, 'desk'],
    [30, 'boss'],
  ]);
  expect(told(steps([20, 'team'], [30, 'boss']))).toEqual([
    [5, 'team'],
    [30, 'boss'],
  ]);
  expect(told(steps([5, 'team', 'desk'], [30, 'boss']))).toEqual([
    [5, 'team'],
    [10, 'desk'],
    [30, 'boss'],
  ]);
  expect(told(steps([5, 'team'], [40, 'team']))).toEqual([
    [5, 'team'],
    [40, 'team'],
  ]);
});

test('an alert whose ladder is deleted goes on by the one that takes it then', () => {
  expect(climbThrough(60, (minute) => (minute < 10 ? steps([5, 'team'], [30, 'boss']) : DEFAULT_LADDER))).toEqual([
    [5, 'team'],
    [15, OWN_CHANNELS],
  ]);
});

test('a repetition whose times were changed comes no sooner than its own interval', () => {
  const quicker: Ladder = { ...LADDER, repeatMs: 10 * MINUTE };
  expect(climbThrough(70, (minute) => (minute < 50 ? LADDER : quicker))).toEqual([
    [5, 'team'],
    [15, 'boss'],
    [45, 'boss'],
    [55, 'boss'],
    [65, 'boss'],
  ]);
});

test('property: however ladders follow each other, no channel is told more often than the fullest of them names it', () => {
  const channel = fc.constantFrom('a', 'b', 'c');
  const ladder = fc
    .uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
    .chain((minutes) =>
      fc
        .array(channel, { minLength: minutes.length, maxLength: minutes.length })
        .map((names) => steps(...minutes.toSorted((x, y) => x - y).map((minute, i) => [minute, names[i] as string] as const))),
    );
  fc.assert(
    fc.property(fc.array(ladder, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 20 }), (ladders, every) => {
      const ladderAt = (minute: number): Ladder => ladders[Math.floor(minute / every)] ?? (ladders.at(-1) as Ladder);
      let climb: Climb | undefined;
      let level = 0;
      const told: string[] = [];
      for (let minute = 0; minute <= 100; minute++) {
        const next = climbOn(ladderAt(minute), { severity: 'low', level, climb }, minute * MINUTE);
        if (next === undefined) continue;
        ({ climb, level } = next);
        told.push(...next.climb.told.slice(told.length));
      }
      const count = (names: readonly string[], name: string): number => names.filter((one) => one === name).length;
      const namedBy = (one: Ladder): readonly string[] => one.steps.flatMap(({ channels }) => channels ?? []);
      for (const name of ['a', 'b', 'c']) {
        expect(count(told, name)).toBeLessThanOrEqual(Math.max(...ladders.map((one) => count(namedBy(one), name))));
        // Whoever the ladder that stayed names has heard.
        expect(count(told, name)).toBeGreaterThanOrEqual(count(namedBy(ladderAt(100)), name));
      }
    }),
  );
});

test('the first ladder that fits an alert takes it, and the built-in one what is left', () => {
  const named = (name: string, ...matchers: NamedLadder['matchers']): NamedLadder => ({ ...steps([1]), name, matchers });
  const find = compileLadders([
    named('web', { label: 'team', op: '=', value: 'web' }),
    named('critical', { label: 'severity', op: '=~', value: 'crit.*' }, { label: 'alertname', op: '!=', value: 'Noise' }),
  ]);
  const nameFor = (labels: Readonly<Record<string, string>>, metricName = 'Down'): string =>
    find({ metricName, labels, severity: 'critical' }).name;
  expect([nameFor({ team: 'web' }), nameFor({ team: 'db' }), nameFor({}, 'Noise')]).toEqual(['web', 'critical', 'default']);
  expect(compileLadders([named('all'), named('never')])({ metricName: 'x', labels: {}, severity: 'low' }).name).toBe('all');
});
