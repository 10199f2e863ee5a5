import { expect, test } from 'vitest';
import { apiTimes, timeText } from './maintenance-times.ts';

const zone = 'Europe/Berlin';

test('a stretch within a day is one interval', () => {
  expect(apiTimes({ days: ['monday'], from: '02:00', to: '04:30', zone })).toEqual([
    { times: [{ start_time: '02:00', end_time: '04:30' }], weekdays: ['monday'], location: zone },
  ]);
});

test('a stretch over midnight ends on the day after, also from Sunday to Monday', () => {
  expect(apiTimes({ days: ['saturday', 'sunday'], from: '22:00', to: '06:00', zone })).toEqual([
    { times: [{ start_time: '22:00', end_time: '24:00' }], weekdays: ['saturday', 'sunday'], location: zone },
    { times: [{ start_time: '00:00', end_time: '06:00' }], weekdays: ['sunday', 'monday'], location: zone },
  ]);
});

test('a stretch until midnight has no empty rest, and one from a time to the same is a whole day', () => {
  expect(apiTimes({ days: ['friday'], from: '22:00', to: '00:00', zone })).toHaveLength(1);
  expect(apiTimes({ days: ['friday'], from: '08:00', to: '08:00', zone }).map(({ weekdays }) => weekdays)).toEqual([
    ['friday'],
    ['saturday'],
  ]);
});

test('an interval reads as people say it, whatever fields it has', () => {
  const [first] = apiTimes({ days: ['monday', 'tuesday'], from: '22:00', to: '00:00', zone });
  expect(timeText(first!)).toBe('Mon, Tue 22:00–24:00 (Europe/Berlin)');
  expect(timeText({ weekdays: ['monday:friday'], months: ['march'], location: 'UTC' })).toBe('Mon–Fri Mar (UTC)');
  expect(timeText({ days_of_month: ['-3:-1'] })).toBe('days -3–-1 of the month (UTC)');
  expect(timeText({})).toBe('all the time (UTC)');
});
