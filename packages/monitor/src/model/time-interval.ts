/**
 * Times that come again: quiet hours, maintenance windows, Alertmanager's `time_intervals`.
 *
 * An interval is a list of ranges per calendar field; a moment lies inside when every field that is given has a range with it. The moment is
 * first turned into the calendar of the interval's zone, so that "22:00 to 06:00 in Berlin" means the wall clock there on both sides of a
 * change to or from summer time: the hour that is skipped does not happen, the hour that happens twice counts twice. Pure; O(ranges) a question.
 * The form is that of Alertmanager, so that its files can be read as they are.
 */
import { DateTime, IANAZone } from 'luxon';
import { BellwetherError } from '../base/errors.ts';

/** Both ends belong to it. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** A field that is left out holds always. */
export interface TimeInterval {
  /** Minutes of the day, 0 to 1440, the end excluded. */
  readonly minutes?: readonly NumberRange[];
  /** 0 (Sunday) to 6. */
  readonly weekdays?: readonly NumberRange[];
  /** 1 to 31, or -31 to -1 counted from the end of the month (-1 is its last day). */
  readonly daysOfMonth?: readonly NumberRange[];
  /** 1 to 12. */
  readonly months?: readonly NumberRange[];
  readonly years?: readonly NumberRange[];
  /** IANA name. */
  readonly zone: string;
}

const has = (ranges: readonly NumberRange[] | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(({ from, to }) => from <= value && value <= to);

function hasDay(ranges: readonly NumberRange[] | undefined, day: number, daysInMonth: number): boolean {
  const fromStart = (bound: number): number => (bound < 0 ? daysInMonth + 1 + bound : Math.min(bound, daysInMonth));
  return ranges === undefined || ranges.some(({ from, to }) => from <= daysInMonth && fromStart(from) <= day && day <= fromStart(to));
}

/** Whether the moment lies inside any of the intervals. */
export function isInside(intervals: readonly TimeInterval[], atMs: number): boolean {
  return intervals.some((interval) => {
    const local = DateTime.fromMillis(atMs, { zone: interval.zone });
    const minute = local.hour * 60 + local.minute;
    return (
      (interval.minutes === undefined || interval.minutes.some(({ from, to }) => from <= minute && minute < to)) &&
      has(interval.weekdays, local.weekday % 7) &&
      hasDay(interval.daysOfMonth, local.day, local.daysInMonth ?? 31) &&
      has(interval.months, local.month) &&
      has(interval.years, local.year)
    );
  });
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const FIELDS = ['times', 'weekdays', 'days_of_month', 'months', 'years', 'location'];
const MOST_RANGES = 100;

function refuse(problem: string): never {
  throw new BellwetherError('config_invalid', `The time interval is refused: ${problem}`);
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_RANGES)
    return refuse(`${field} must be a list of 1 to ${MOST_RANGES} ranges`);
  return value;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** Names of the values from `least` on. */
  readonly names?: readonly string[];
  /** Negative values count from the end. */
  readonly isCountedBack?: boolean;
}

function rangesOf(value: unknown, field: string, bounds: Bounds): readonly NumberRange[] {
  const { least, most, names = [], isCountedBack = false } = bounds;
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    const number = named === -1 ? Number(text) : named + least;
    const isFit = (number >= least && number <= most) || (isCountedBack && number <= -least && number >= -most);
    if (text.trim() === '' || !Number.isInteger(number) || !isFit) {
      const allowed = names.length > 0 ? names.join(', ') : `whole numbers from ${least} to ${most}${isCountedBack ? ', or negative' : ''}`;
      refuse(`${field} has ${JSON.stringify(text.slice(0, 40))}; allowed: ${allowed}, or two joined by ":"`);
    }
    return number;
  };
  return listOf(value, field).map((entry) => {
    const [from = '', to = from, ...rest] = String(entry).split(':');
    const range = { from: numberOf(from), to: numberOf(to) };
    const isReversed = range.from > range.to && range.from < 0 === range.to < 0;
    if (rest.length > 0 || isReversed) refuse(`${field} has ${JSON.stringify(String(entry).slice(0, 40))}, whose end is before its start`);
    return range;
  });
}

function minuteOf(value: unknown, field: string): number {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(typeof value === 'string' ? value : '') ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  if (!(minute <= 1440) || Number(minutes) > 59) refuse(`${field} must be a time from "00:00" to "24:00"`);
  return minute;
}

function minutesOf(value: unknown): readonly NumberRange[] {
  return listOf(value, 'times').map((entry) => {
    const { start_time, end_time } = (entry ?? {}) as { readonly start_time?: unknown; readonly end_time?: unknown };
    const range = { from: minuteOf(start_time, 'start_time'), to: minuteOf(end_time, 'end_time') };
    if (range.from >= range.to) refuse('end_time must be after start_time; over midnight give two intervals');
    return range;
  });
}

const timeText = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function rangeTexts(ranges: readonly NumberRange[], nameOf: (value: number) => string): readonly string[] {
  return ranges.map(({ from, to }) => (from === to ? nameOf(from) : `${nameOf(from)}:${nameOf(to)}`));
}

/** The form that `parseTimeInterval` reads. */
export function timeIntervalView({ minutes, weekdays, daysOfMonth, months, years, zone }: TimeInterval): Readonly<Record<string, unknown>> {
  return {
    ...(minutes === undefined ? {} : { times: minutes.map(({ from, to }) => ({ start_time: timeText(from), end_time: timeText(to) })) }),
    ...(weekdays === undefined ? {} : { weekdays: rangeTexts(weekdays, (day) => WEEKDAYS[day] ?? '') }),
    ...(daysOfMonth === undefined ? {} : { days_of_month: rangeTexts(daysOfMonth, String) }),
    ...(months === undefined ? {} : { months: rangeTexts(months, (month) => MONTHS[month - 1] ?? '') }),
    ...(years === undefined ? {} : { years: rangeTexts(years, String) }),
    location: zone,
  };
}

/**
 * Reads an interval as Alertmanager writes it: `times` (`{start_time, end_time}`, "HH:MM"), `weekdays` (`monday:friday`), `days_of_month`
 * (`1:5`, `-3:-1`), `months` (`march`, `1:3`), `years`, `location` (IANA zone, `UTC` by default).
 * @throws BellwetherError `config_invalid` that names the field and what is allowed.
 */
export function parseTimeInterval(value: unknown): TimeInterval {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`it must be an object of ${FIELDS.join(', ')}`);
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) refuse(`there is no field ${JSON.stringify(unknown.slice(0, 40))}; allowed: ${FIELDS.join(', ')}`);
  const { times, weekdays, days_of_month, months, years, location = 'UTC' } = given;
  if (typeof location !== 'string' || !IANAZone.isValidZone(location)) refuse('location must be a time zone such as "Europe/Berlin"');
  return {
    ...(times === undefined ? {} : { minutes: minutesOf(times) }),
    ...(weekdays === undefined ? {} : { weekdays: rangesOf(weekdays, 'weekdays', { least: 0, most: 6, names: WEEKDAYS }) }),
    ...(days_of_month === undefined
      ? {}
      : { daysOfMonth: rangesOf(days_of_month, 'days_of_month', { least: 1, most: 31, isCountedBack: true }) }),
    ...(months === undefined ? {} : { months: rangesOf(months, 'months', { least: 1, most: 12, names: MONTHS }) }),
    ...(years === undefined ? {} : { years: rangesOf(years, 'years', { least: 1970, most: 9999 }) }),
    zone: location,
  };
}
