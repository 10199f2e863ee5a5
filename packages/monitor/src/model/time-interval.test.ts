import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInside, parseTimeInterval, timeIntervalView } from './time-interval.ts';

const inside = (interval: object, instant: string): boolean => isInside([parseTimeInterval(interval)], Date.parse(instant));

test('quiet hours follow the wall clock of their zone through the change to summer time', () => {
  const night = { times: [{ start_time: '00:00', end_time: '06:00' }], location: 'Europe/Berlin' };
  expect(inside(night, '2026-03-28T04:59:00Z')).toBe(true);
  expect(inside(night, '2026-03-28T05:00:00Z')).toBe(false);
  expect(inside(night, '2026-03-29T03:59:00Z')).toBe(true);
  expect(inside(night, '2026-03-29T04:00:00Z')).toBe(false);
  expect(inside(night, '2026-03-28T23:00:00Z')).toBe(true);
});

test('the hour that happens twice counts twice', () => {
  const hour = { times: [{ start_time: '02:00', end_time: '03:00' }], location: 'Europe/Berlin' };
  const at = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z'].map((instant) => inside(hour, instant));
  expect(at).toEqual([true, true, false]);
});

test('weekdays, months and years are ranges of names or numbers', () => {
  const workdays = { weekdays: ['monday:friday'], months: ['january', '3:4'], years: ['2026:2027'] };
  expect(inside(workdays, '2026-01-02T12:00:00Z')).toBe(true);
  expect(inside(workdays, '2026-01-03T12:00:00Z')).toBe(false);
  expect(inside(workdays, '2026-02-02T12:00:00Z')).toBe(false);
  expect(inside(workdays, '2026-03-02T12:00:00Z')).toBe(true);
  expect(inside(workdays, '2028-03-02T12:00:00Z')).toBe(false);
});

test('days are counted from the start of the month or from its end', () => {
  const lastThree = { days_of_month: ['-3:-1'] };
  expect(inside(lastThree, '2026-02-26T00:00:00Z')).toBe(true);
  expect(inside(lastThree, '2026-02-25T00:00:00Z')).toBe(false);
  expect(inside({ days_of_month: ['31'] }, '2026-02-28T00:00:00Z')).toBe(false);
  expect(inside({ days_of_month: ['25:31'] }, '2026-02-28T00:00:00Z')).toBe(true);
  expect(inside({ days_of_month: ['28:-1'] }, '2026-02-28T00:00:00Z')).toBe(true);
});

test('24:00 is the end of the day', () => {
  const evening = { times: [{ start_time: '22:00', end_time: '24:00' }] };
  expect(inside(evening, '2026-01-01T23:59:59Z')).toBe(true);
  expect(inside(evening, '2026-01-02T00:00:00Z')).toBe(false);
});

test.each([
  [[], 'must be an object'],
  [{ time: [] }, 'there is no field "time"; allowed: times, weekdays'],
  [{ times: [] }, 'times must be a list of 1 to 100 ranges'],
  [{ times: [{ start_time: '25:00', end_time: '26:00' }] }, 'start_time must be a time from "00:00" to "24:00"'],
  [{ times: [{ start_time: '22:00', end_time: '06:00' }] }, 'over midnight give two intervals'],
  [{ weekdays: ['funday'] }, 'weekdays has "funday"; allowed: sunday, monday'],
  [{ weekdays: ['friday:monday'] }, 'whose end is before its start'],
  [{ days_of_month: ['0'] }, 'allowed: whole numbers from 1 to 31, or negative'],
  [{ months: ['1:2:3'] }, 'months has'],
  [{ location: 'Mars/Olympus' }, 'location must be a time zone'],
])('%j is refused and told why', (value, message) => {
  expect(() => parseTimeInterval(value)).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }),
  );
});

test('property: an interval and the rest of its day cover every moment once', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia'];
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 23 }),
      fc.constantFrom(...zones),
      fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      (hour, location, date) => {
        const clock = `${String(hour).padStart(2, '0')}:00`;
        const before = parseTimeInterval({ times: [{ start_time: '00:00', end_time: clock }], location });
        const after = parseTimeInterval({ times: [{ start_time: clock, end_time: '24:00' }], location });
        expect(isInside([before], date.getTime())).toBe(!isInside([after], date.getTime()));
      },
    ),
  );
});

test('an interval is shown as it is written', () => {
  const written = {
    times: [{ start_time: '22:05', end_time: '24:00' }],
    weekdays: ['monday:friday', 'sunday'],
    days_of_month: ['1:5', '-3:-1'],
    months: ['january', 'march:may'],
    years: ['2026:2030'],
    location: 'Europe/Berlin',
  };
  expect(timeIntervalView(parseTimeInterval(written))).toEqual(written);
});
