/** Weekdays as the API names them, in the order people plan a week. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A stretch of some weekdays. An end that is not after the start lies on the next day. */
export interface WeeklyTime {
  /** Those on which it starts. */
  readonly days: readonly Weekday[];
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly zone: string;
}

/** A time interval in the form of Alertmanager, as the API takes and gives it. */
export type ApiTime = Readonly<Record<string, unknown>>;

const nextDay = (day: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length] as Weekday;

/** The intervals for the API, which wants one over midnight as two. */
export function apiTimes({ days, from, to, zone }: WeeklyTime): readonly ApiTime[] {
  const interval = (weekdays: readonly Weekday[], start_time: string, end_time: string): ApiTime => ({
    times: [{ start_time, end_time }],
    weekdays,
    location: zone,
  });
  if (from < to) return [interval(days, from, to)];
  const evening = interval(days, from, '24:00');
  return to === '00:00' ? [evening] : [evening, interval(days.map(nextDay), '00:00', to)];
}

const short = (range: unknown): string =>
  String(range)
    .split(':')
    .map((word) => (/^[a-z]/.test(word) ? word.charAt(0).toUpperCase() + word.slice(1, 3) : word))
    .join('–');

function list(value: unknown): string {
  return Array.isArray(value) ? value.map(short).join(', ') : '';
}

/** An interval for people: `Mon, Tue 22:00–24:00 (Europe/Berlin)`. Fields that are absent hold always and are not told. */
export function timeText(time: ApiTime): string {
  const clock = (Array.isArray(time['times']) ? time['times'] : []) as readonly { start_time: string; end_time: string }[];
  const parts = [
    list(time['weekdays']),
    time['days_of_month'] === undefined ? '' : `days ${list(time['days_of_month'])} of the month`,
    list(time['months']),
    list(time['years']),
    clock.map(({ start_time, end_time }) => `${start_time}–${end_time}`).join(', '),
  ];
  const said = parts.filter(Boolean).join(' ');
  return `${said === '' ? 'all the time' : said} (${typeof time['location'] === 'string' ? time['location'] : 'UTC'})`;
}
