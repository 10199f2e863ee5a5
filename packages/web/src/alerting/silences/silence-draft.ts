import type { Silence, SilenceMatcher } from '@bellwether/server/api';
import type { NewSilence } from '../alerting-api.ts';
import { apiTimes, type ApiTime, type WeeklyTime } from './maintenance-times.ts';

const HOUR_MS = 3_600_000;

/** A silence as it stands in the form. */
export interface Draft {
  readonly matchers: readonly SilenceMatcher[];
  /** Local time; empty: from now. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly comment: string;
  /** Only at these times, again and again. */
  readonly weekly: WeeklyTime | undefined;
  /** Those of the silence that is changed, which stay unless `weekly` says others. */
  readonly times?: readonly ApiTime[] | undefined;
}

/** Local time in the form of `datetime-local`. */
export function localText(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 16);
}

/** For an hour from now. */
export function newDraft(matchers: readonly SilenceMatcher[]): Draft {
  return { matchers, startsAt: '', endsAt: localText(Date.now() + HOUR_MS), comment: '', weekly: undefined };
}

/** One that holds keeps its start, to the second: the field for it stays empty, and the API leaves it. */
export function draftOf({ matchers, state, starts_at, ends_at, comment, times }: Silence): Draft {
  return {
    matchers,
    startsAt: state === 'pending' ? localText(Date.parse(starts_at)) : '',
    endsAt: localText(Date.parse(ends_at)),
    comment,
    weekly: undefined,
    times,
  };
}

/** What the API is sent. */
export function silenceOf({ matchers, startsAt, endsAt, comment, weekly, times }: Draft): NewSilence {
  const wanted = weekly === undefined ? times : apiTimes(weekly);
  return {
    matchers,
    ...(startsAt === '' ? {} : { starts_at: new Date(startsAt).toISOString() }),
    ends_at: new Date(endsAt).toISOString(),
    ...(wanted === undefined ? {} : { times: wanted }),
    comment: comment.trim(),
  };
}
