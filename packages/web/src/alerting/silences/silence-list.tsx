import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Silence } from '@bellwether/server/api';
import { dateTimeText, durationText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import type { Fetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { SureButton } from '../../ui/sure-button.tsx';
import { useAction } from '../action.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { Choice } from '../choice.tsx';
import { MatcherList } from '../label-list.tsx';
import { Mark, type Tone } from '../mark.tsx';
import { Problem } from '../problem.tsx';
import { CoveredAlerts } from './covered-alerts.tsx';
import { timeText } from './maintenance-times.ts';

const SIZE = 10;
const STATES = ['active', 'pending', 'expired'] as const;
type State = Silence['state'];

const TONES: Record<State, Tone> = { active: 'good', pending: 'wait', expired: 'idle' };
const TITLES: Record<State, string> = { active: 'Active', pending: 'Pending', expired: 'Expired' };
const NOTHING: Record<State, string> = {
  active: 'Keep an alert quiet with the form here, or with “Silence …” at the alert.',
  pending: 'A silence with a start in the future waits here.',
  expired: 'Silences that ended are kept here for a while.',
};

function when({ state, starts_at, ends_at }: Silence, nowMs: number): string {
  const [startMs, endMs] = [Date.parse(starts_at), Date.parse(ends_at)];
  if (state === 'expired') return `ended ${durationText(nowMs - endMs)} ago`;
  if (state === 'pending') return `starts in ${durationText(startMs - nowMs)}, until ${dateTimeText(endMs)}`;
  return `${durationText(endMs - nowMs)} left, until ${dateTimeText(endMs)}`;
}

interface EntryProps {
  readonly silence: Silence;
  readonly onChange: () => void;
  readonly onEnded: () => void;
}

function Entry({ silence, onChange, onEnded }: EntryProps): JSX.Element {
  const api = useAlertingApi();
  const act = useAction();
  const { nowMs } = useDashboard();
  const isOpen = useSignal(false);
  const name = silence.comment === '' ? 'silence without a comment' : silence.comment;
  const end = (): void => act(() => api.endSilence(silence.id), { done: `Ended: ${name}.`, onDone: onEnded });
  return (
    <li class="silence">
      <div class="alert-line">
        <Mark tone={TONES[silence.state]}>{TITLES[silence.state]}</Mark>
        <time dateTime={silence.ends_at}>{when(silence, nowMs.value)}</time>
      </div>
      <MatcherList matchers={silence.matchers} />
      {silence.times?.map((time) => (
        <p key={timeText(time)} class="muted">
          Only {timeText(time)}
        </p>
      ))}
      <p>
        {silence.comment} <span class="muted">by {silence.author}</span>
      </p>
      {silence.state !== 'expired' && (
        <div class="alert-actions">
          <button type="button" aria-label={`Change: ${name}`} onClick={onChange}>
            Change
          </button>
          <SureButton question="Really end it now?" onSure={end}>
            End now<span class="sr-only">: {name}</span>
          </SureButton>
          <button
            type="button"
            aria-expanded={isOpen.value}
            aria-label={`What it covers: ${name}`}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            What it covers
          </button>
        </div>
      )}
      {isOpen.value && <CoveredAlerts matchers={silence.matchers} />}
    </li>
  );
}

export interface SilenceListProps {
  readonly silences: Fetched<readonly Silence[]>;
  /** Asked to change one. */
  readonly onChange: (silence: Silence) => void;
}

/** Silences and maintenance windows of one state, a page at a time. */
export function SilenceList({ silences, onChange }: SilenceListProps): JSX.Element {
  const state = useSignal<State>('active');
  const offset = useSignal(0);
  const { value, problem, reload } = silences;
  const ofState = (wanted: State): readonly Silence[] => value?.filter((silence) => silence.state === wanted) ?? [];
  const listed = ofState(state.value);
  const options = STATES.map((key) => [key, `${TITLES[key]} ${ofState(key).length}`] as const);
  const choose = (next: State): void => {
    state.value = next;
    offset.value = 0;
  };
  return (
    <Card
      id="silences"
      title="Silences and maintenance windows"
      aside={<Choice legend="Which silences" name="silences" options={options} chosen={state.value} onChoose={choose} />}
    >
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={3} label="Loading silences" />}
      {value !== undefined && listed.length === 0 && (
        <Blank icon="bell" title={`No ${state.value} silence`}>
          {NOTHING[state.value]}
        </Blank>
      )}
      <ul class="silences">
        {listed.slice(offset.value, offset.value + SIZE).map((silence) => (
          <Entry key={silence.id} silence={silence} onChange={() => onChange(silence)} onEnded={reload} />
        ))}
      </ul>
      <Pager label="Silences" offset={offset.value} size={SIZE} total={listed.length} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
