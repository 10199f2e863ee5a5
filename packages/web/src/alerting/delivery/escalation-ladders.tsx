import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { EscalationLadder, Escalations } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { durationText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAlertingApi } from '../alerting-api.ts';
import { MatcherList } from '../label-list.tsx';
import { NotAtWork, OriginChip } from '../origin.tsx';
import { Problem } from '../problem.tsx';

const SIZE = 10;

function Steps({ ladder }: { readonly ladder: EscalationLadder }): JSX.Element {
  const { steps, minimum_severity: least, repeat_seconds: repeat } = ladder;
  if (steps.length === 0) return <p class="muted">No step: an alert that nobody takes is not told again.</p>;
  return (
    <>
      <p class="muted">From {least} up, when nobody acknowledges:</p>
      <ol class="steps">
        {steps.map(({ after_seconds, channels }) => (
          <li key={after_seconds}>
            after <b>{durationText(after_seconds * 1000)}</b> to {channels === null ? 'the channels of the alert' : channels.join(', ')}
          </li>
        ))}
      </ol>
      <p class="muted">
        {repeat === null ? 'The last step is not repeated.' : `The last step comes again every ${durationText(repeat * 1000)}.`}
      </p>
    </>
  );
}

function Ladder({ ladder }: { readonly ladder: EscalationLadder }): JSX.Element {
  const { name, origin, problem, matchers, steps } = ladder;
  return (
    <li class="channel">
      <div class="channel-head">
        <b>{name}</b> <OriginChip origin={origin} />
      </div>
      <NotAtWork problem={problem} />
      {(problem === null || steps.length > 0) && (
        <>
          {matchers.length === 0 ? <p class="muted">Alerts that no other ladder takes</p> : <MatcherList matchers={matchers} />}
          <Steps ladder={ladder} />
        </>
      )}
    </li>
  );
}

function Ladders({ ladders }: { readonly ladders: readonly EscalationLadder[] }): JSX.Element {
  const offset = useSignal(0);
  return (
    <>
      {ladders.every(({ origin, steps }) => origin === 'file' && steps.length === 0) && (
        <p class="muted">
          Write <code>escalation</code> in the configuration file to have alerts told again.
        </p>
      )}
      {ladders.length > 1 && <p class="muted">The first ladder whose labels fit takes an alert.</p>}
      <ol class="channels">
        {ladders.slice(offset.value, offset.value + SIZE).map((ladder) => (
          <Ladder key={`${ladder.origin} ${ladder.name}`} ladder={ladder} />
        ))}
      </ol>
      <Pager label="Ladders" offset={offset.value} size={SIZE} total={ladders.length} onMove={(to) => (offset.value = to)} />
    </>
  );
}

interface ClimberProps {
  readonly alert: Escalations['alerts'][number];
  /** Of its ladder. */
  readonly steps: number;
}

function Climber({ alert, steps }: ClimberProps): JSX.Element {
  const { nowMs } = useDashboard();
  const next = alert.next_at === null ? 'no further step' : `next ${inText(Date.parse(alert.next_at) - nowMs.value)}`;
  return (
    <li>
      <SeverityBadge level={alert.severity} hidesWord />
      <div>
        {alert.message}
        <p class="muted">
          {alert.level === 0 ? 'Before the first step' : `Step ${Math.min(alert.level, steps)} of ${steps}`} of {alert.ladder}, {next}
        </p>
      </div>
    </li>
  );
}

const inText = (lengthMs: number): string => (lengthMs < 1000 ? 'now' : `in ${durationText(lengthMs)}`);

function Climbers({ ladders, alerts }: Escalations): JSX.Element {
  const offset = useSignal(0);
  // One that is at work comes before a saved one whose name it has.
  const stepsOf = new Map(ladders.toReversed().map(({ name, steps }) => [name, steps.length]));
  const climbers = alerts.filter(({ ladder }) => stepsOf.get(ladder) !== 0);
  return (
    <>
      <h3>Alerts on the way</h3>
      {climbers.length === 0 && <p class="muted">None: every alert is taken, or below its ladder’s severity.</p>}
      <ul class="covered">
        {climbers.slice(offset.value, offset.value + SIZE).map((alert) => (
          <Climber key={alert.id} alert={alert} steps={stepsOf.get(alert.ladder) ?? alert.level} />
        ))}
      </ul>
      <Pager label="Alerts on the way" offset={offset.value} size={SIZE} total={climbers.length} onMove={(to) => (offset.value = to)} />
    </>
  );
}

/** Who is told when nobody takes an alert, and which alerts are on the way. */
export function EscalationLadders(): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => api.escalations(), '');
  return (
    <Card id="escalation" title="Escalation">
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={2} label="Loading the escalation ladders" />}
      {value !== undefined && (
        <>
          <Ladders ladders={value.ladders} />
          <Climbers {...value} />
        </>
      )}
    </Card>
  );
}
