import { expect, test } from 'vitest';
import type { Silence } from '@bellwether/server/api';
import { draftOf, silenceOf } from './silence-draft.ts';

const silence: Silence = {
  id: '1',
  matchers: [{ name: 'job', value: 'web', isRegex: false, isEqual: true }],
  starts_at: '2026-03-01T10:00:07.000Z',
  ends_at: '2026-03-01T12:30:00.000Z',
  state: 'active',
  times: [{ months: ['may'] }],
  author: 'dana',
  comment: 'Move',
};

test('a silence that holds goes through the form without losing its times, and its start is left to the API', () => {
  const { matchers, ends_at, times, comment } = silence;
  expect(silenceOf(draftOf(silence))).toEqual({ matchers, ends_at, times, comment });
});

test('a silence that is still to begin keeps its start in the form', () => {
  expect(silenceOf(draftOf({ ...silence, state: 'pending' }))).toMatchObject({ starts_at: '2026-03-01T10:00:00.000Z' });
});

test('times of a week that were chosen replace those it had', () => {
  const weekly = { days: ['monday'], from: '01:00', to: '02:00', zone: 'UTC' } as const;
  expect(silenceOf({ ...draftOf(silence), weekly }).times).toEqual([
    { times: [{ start_time: '01:00', end_time: '02:00' }], weekdays: ['monday'], location: 'UTC' },
  ]);
});
