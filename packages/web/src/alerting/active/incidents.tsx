import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Incident } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { dateTimeText, durationText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAction } from '../action.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { Choice } from '../choice.tsx';
import { LabelList } from '../label-list.tsx';
import { Mark } from '../mark.tsx';
import { Problem } from '../problem.tsx';

const SIZE = 5;
const MEMBERS = 10;
const NEWEST = 100;

type Member = Incident['alerts'][number];

function MemberRow({ member, isRoot }: { readonly member: Member; readonly isRoot: boolean }): JSX.Element {
  const beganAtMs = Date.parse(member.began_at);
  return (
    <li>
      <div class="alert-line">
        <SeverityBadge level={member.severity} />
        {isRoot && <span class="chip chip-root">Likely root</span>}
        <time dateTime={member.began_at} title={dateTimeText(beganAtMs)}>
          {member.ended_at === null ? 'firing' : `ended after ${durationText(Date.parse(member.ended_at) - beganAtMs)}`}
        </time>
      </div>
      <p>{member.message}</p>
      <LabelList labels={member.labels} />
    </li>
  );
}

/** The list carries the first of many. */
function AllMembers({ incident }: { readonly incident: Incident }): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => api.incident(incident.id), incident.id, 30_000);
  return (
    <>
      <Problem text={problem} />
      <Members incident={value ?? incident} />
    </>
  );
}

function Members({ incident }: { readonly incident: Incident }): JSX.Element {
  const offset = useSignal(0);
  const isRoot = ({ id }: Member): boolean => id === incident.likely_root;
  const rootFirst = [...incident.alerts.filter(isRoot), ...incident.alerts.filter((member) => !isRoot(member))];
  return (
    <>
      <ul class="members">
        {rootFirst.slice(offset.value, offset.value + MEMBERS).map((member) => (
          <MemberRow key={member.id} member={member} isRoot={isRoot(member)} />
        ))}
      </ul>
      <Pager
        label={`Alerts of ${incident.title}`}
        offset={offset.value}
        size={MEMBERS}
        total={rootFirst.length}
        onMove={(to) => (offset.value = to)}
      />
    </>
  );
}

function Head({ incident }: { readonly incident: Incident }): JSX.Element {
  const { nowMs } = useDashboard();
  const startedAtMs = Date.parse(incident.started_at);
  const { ended_at } = incident;
  return (
    <div class="alert-line">
      <Mark tone={ended_at === null ? 'bad' : 'good'}>{ended_at === null ? 'Open' : 'Ended'}</Mark>
      <time dateTime={incident.started_at} title={dateTimeText(startedAtMs)}>
        {ended_at === null
          ? `for ${durationText(nowMs.value - startedAtMs)}`
          : `${dateTimeText(startedAtMs)}, lasted ${durationText(Date.parse(ended_at) - startedAtMs)}`}
      </time>
    </div>
  );
}

function IncidentEntry({ incident, onChanged }: { readonly incident: Incident; readonly onChanged: () => void }): JSX.Element {
  const api = useAlertingApi();
  const act = useAction();
  const isOpen = useSignal(false);
  const root = incident.alerts.find(({ id }) => id === incident.likely_root);
  const count = `${incident.member_count} ${incident.member_count === 1 ? 'alert' : 'alerts'}`;
  const acknowledge = (): void => act(() => api.acknowledgeIncident(incident.id), { onDone: onChanged });
  return (
    <li class="incident">
      <Head incident={incident} />
      <h3>{incident.title}</h3>
      {root !== undefined && (
        <p>
          <span class="chip chip-root">Likely root</span> {root.message}
        </p>
      )}
      <div class="alert-actions">
        {incident.ended_at === null && (
          <button type="button" aria-label={`Acknowledge all of ${incident.title}`} onClick={acknowledge}>
            Acknowledge all
          </button>
        )}
        <button
          type="button"
          aria-expanded={isOpen.value}
          aria-label={`${count} of ${incident.title}`}
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          {count}
        </button>
      </div>
      {isOpen.value &&
        (incident.member_count > incident.alerts.length ? <AllMembers incident={incident} /> : <Members incident={incident} />)}
    </li>
  );
}

/** Alerts that move together, newest first, each with the alert the others probably follow from. */
export function Incidents(): JSX.Element {
  const api = useAlertingApi();
  const state = useSignal<'open' | 'all'>('open');
  const offset = useSignal(0);
  const { value, problem, reload } = useFetched(() => api.incidents(state.value, NEWEST), state.value, 30_000);
  const choose = (next: 'open' | 'all'): void => {
    state.value = next;
    offset.value = 0;
  };
  const options = [
    ['open', 'Open'],
    ['all', 'All'],
  ] as const;
  return (
    <Card
      id="incidents"
      title="Incidents"
      aside={<Choice legend="Which incidents" name="incidents" options={options} chosen={state.value} onChoose={choose} />}
    >
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={3} label="Loading incidents" />}
      {value?.length === 0 && (
        <Blank icon="check" title={state.value === 'open' ? 'No open incident' : 'No incident yet'}>
          Alerts that begin together, or spread over several places, are put together here with their likely root.
        </Blank>
      )}
      <ul class="incidents">
        {value?.slice(offset.value, offset.value + SIZE).map((incident) => (
          <IncidentEntry key={incident.id} incident={incident} onChanged={reload} />
        ))}
      </ul>
      <Pager label="Incidents" offset={offset.value} size={SIZE} total={value?.length ?? 0} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
