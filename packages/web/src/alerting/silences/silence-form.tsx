import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { SilenceMatcher } from '@bellwether/server/api';
import { useDashboard } from '../../state/context.ts';
import { useAlertingApi, type NewSilence } from '../alerting-api.ts';
import { filterOf } from '../label-matchers.ts';
import { MatcherFields } from '../matcher-fields.tsx';
import { Problem } from '../problem.tsx';
import { CoveredAlerts } from './covered-alerts.tsx';
import { apiTimes, type WeeklyTime } from './maintenance-times.ts';
import { WeeklyFields } from './weekly-fields.tsx';

export interface SilenceFormProps {
  /** What stands in the form at first. */
  readonly matchers: readonly SilenceMatcher[];
  /** Whether the form takes the focus: it was asked for at an alert. */
  readonly isFocused: boolean;
  readonly onSaved: () => void;
}

const HOUR_MS = 3_600_000;
const LENGTHS = [
  ['1 h', HOUR_MS],
  ['4 h', 4 * HOUR_MS],
  ['1 day', 24 * HOUR_MS],
  ['1 week', 168 * HOUR_MS],
  ['90 days', 2160 * HOUR_MS],
] as const;

/** Time between the last key and the preview. */
const PREVIEW_DELAY_MS = 400;

/** Local time in the form of `datetime-local`. */
function localText(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 16);
}

interface Draft {
  readonly matchers: readonly SilenceMatcher[];
  /** Local time; empty: from now. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly comment: string;
  /** Only at these times, again and again. */
  readonly weekly: WeeklyTime | undefined;
}

function silenceOf({ matchers, startsAt, endsAt, comment, weekly }: Draft): NewSilence {
  return {
    matchers,
    ...(startsAt === '' ? {} : { starts_at: new Date(startsAt).toISOString() }),
    ends_at: new Date(endsAt).toISOString(),
    ...(weekly === undefined ? {} : { times: apiTimes(weekly) }),
    comment: comment.trim(),
  };
}

const newWeekly = (): WeeklyTime => ({
  days: ['sunday'],
  from: '02:00',
  to: '04:00',
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});

interface PartProps {
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
}

function TimeFields({ draft, onChange }: PartProps): JSX.Element {
  const instant = (name: 'startsAt' | 'endsAt', label: string, isRequired: boolean): JSX.Element => (
    <label class="field">
      {label}
      <input
        type="datetime-local"
        required={isRequired}
        value={draft[name]}
        onInput={(event) => onChange({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  const endAfter = (lengthMs: number): void =>
    onChange({ endsAt: localText((draft.startsAt === '' ? Date.now() : Date.parse(draft.startsAt)) + lengthMs) });
  return (
    <>
      <div class="row">
        {instant('startsAt', 'Starts (empty: now)', false)}
        {instant('endsAt', 'Ends', true)}
      </div>
      <div class="row" role="group" aria-label="Ends after">
        {LENGTHS.map(([text, lengthMs]) => (
          <button key={text} type="button" onClick={() => endAfter(lengthMs)}>
            {text}
          </button>
        ))}
      </div>
      <label class="field check">
        <input
          type="checkbox"
          checked={draft.weekly !== undefined}
          onChange={(event) => onChange({ weekly: event.currentTarget.checked ? newWeekly() : undefined })}
        />
        Maintenance window: only at times that come again
      </label>
      {draft.weekly !== undefined && <WeeklyFields weekly={draft.weekly} onChange={(weekly) => onChange({ weekly })} />}
    </>
  );
}

/** What the matchers cover now, asked for shortly after the last change. */
function Preview({ matchers }: { readonly matchers: readonly SilenceMatcher[] }): JSX.Element {
  const settled = useSignal(matchers);
  useEffect(() => {
    const timer = setTimeout(() => (settled.value = matchers), PREVIEW_DELAY_MS);
    return () => clearTimeout(timer);
  }, [matchers]);
  const filter = filterOf(settled.value);
  return (
    <section class="preview" aria-label="Preview">
      <h3>Preview</h3>
      {filter === '' ? (
        <p class="muted">Name a label, such as alertname, to see which alerts this would keep quiet.</p>
      ) : (
        <CoveredAlerts key={filter} matchers={settled.value} />
      )}
    </section>
  );
}

/** Matchers, time and comment of a new silence, with what it would cover. */
export function SilenceForm({ matchers, isFocused, onSaved }: SilenceFormProps): JSX.Element {
  const api = useAlertingApi();
  const { notices } = useDashboard();
  const draft = useSignal<Draft>({ matchers, startsAt: '', endsAt: localText(Date.now() + HOUR_MS), comment: '', weekly: undefined });
  const problem = useSignal('');
  const comment = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFocused) comment.current?.focus();
  }, []);
  const change = (part: Partial<Draft>): void => void (draft.value = { ...draft.value, ...part });
  const save = (event: Event): void => {
    event.preventDefault();
    if (draft.value.weekly?.days.length === 0) return void (problem.value = 'Choose at least one day of the week.');
    problem.value = '';
    api.addSilence(silenceOf(draft.value)).then(
      () => {
        notices.done('Saved the silence.');
        onSaved();
      },
      (error: Error) => (problem.value = error.message),
    );
  };
  return (
    <form class="silence-form" onSubmit={save}>
      <fieldset>
        <legend>Alerts whose labels all fit</legend>
        <MatcherFields matchers={draft.value.matchers} onChange={(next) => change({ matchers: next })} />
      </fieldset>
      <Preview matchers={draft.value.matchers} />
      <TimeFields draft={draft.value} onChange={change} />
      <label class="field grows">
        Comment
        <input
          ref={comment}
          value={draft.value.comment}
          placeholder="Why, and until what is done"
          onInput={(event) => change({ comment: event.currentTarget.value })}
        />
      </label>
      <Problem text={problem.value} />
      <button type="submit" class="primary">
        Save silence
      </button>
    </form>
  );
}
