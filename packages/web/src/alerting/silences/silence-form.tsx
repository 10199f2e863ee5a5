import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Silence, SilenceMatcher } from '@bellwether/server/api';
import { useDashboard } from '../../state/context.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { filterOf } from '../label-matchers.ts';
import { MatcherFields } from '../matcher-fields.tsx';
import { Problem } from '../problem.tsx';
import { CoveredAlerts } from './covered-alerts.tsx';
import { timeText, type WeeklyTime } from './maintenance-times.ts';
import { draftOf, localText, newDraft, silenceOf, type Draft } from './silence-draft.ts';
import { WeeklyFields } from './weekly-fields.tsx';

export interface SilenceFormProps {
  /** What stands in the form at first. */
  readonly matchers: readonly SilenceMatcher[];
  /** The one that is changed; a new one is made without it. */
  readonly changed?: Silence | undefined;
  /** Whether the form takes the focus: it was asked for elsewhere. */
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

/** Times of the silence that is changed, which the fields for a week cannot write: they stay until others are chosen. */
function KeptTimes({ draft: { weekly, times } }: Pick<PartProps, 'draft'>): JSX.Element | null {
  if (weekly !== undefined || times === undefined) return null;
  return <p class="muted">Still only {times.map(timeText).join('; ')}, unless other times are chosen below.</p>;
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
      <KeptTimes draft={draft} />
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

/** The draft of the form, what stands in the way of saving it, and saving. */
function useDraft({ matchers, changed, onSaved }: SilenceFormProps) {
  const api = useAlertingApi();
  const { notices } = useDashboard();
  const draft = useSignal<Draft>(changed === undefined ? newDraft(matchers) : draftOf(changed));
  const problem = useSignal('');
  const save = (event: Event): void => {
    event.preventDefault();
    if (draft.value.weekly?.days.length === 0) return void (problem.value = 'Choose at least one day of the week.');
    problem.value = '';
    const silence = silenceOf(draft.value);
    const saving = changed === undefined ? api.addSilence(silence) : api.changeSilence(changed.id, silence);
    saving.then(
      () => {
        notices.done(changed === undefined ? 'Saved the silence.' : 'Changed the silence.');
        onSaved();
      },
      (error: Error) => (problem.value = error.message),
    );
  };
  const change = (part: Partial<Draft>): void => void (draft.value = { ...draft.value, ...part });
  return { draft: draft.value, problem: problem.value, change, save };
}

/** Matchers, time and comment of a silence, with what it would cover. */
export function SilenceForm(props: SilenceFormProps): JSX.Element {
  const { draft, problem, change, save } = useDraft(props);
  const comment = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.isFocused) comment.current?.focus();
  }, []);
  return (
    <form class="silence-form" onSubmit={save}>
      <fieldset>
        <legend>Alerts whose labels all fit</legend>
        <MatcherFields matchers={draft.matchers} onChange={(next) => change({ matchers: next })} />
      </fieldset>
      <Preview matchers={draft.matchers} />
      <TimeFields draft={draft} onChange={change} />
      <label class="field grows">
        Comment
        <input
          ref={comment}
          value={draft.comment}
          placeholder="Why, and until what is done"
          onInput={(event) => change({ comment: event.currentTarget.value })}
        />
      </label>
      <Problem text={problem} />
      <button type="submit" class="primary">
        {props.changed === undefined ? 'Save silence' : 'Save change'}
      </button>
    </form>
  );
}
