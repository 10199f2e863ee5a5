import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Channel, Delivery } from '@bellwether/server/api';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched, type Fetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAction } from '../action.ts';
import { useAlertingApi, type TestOutcome } from '../alerting-api.ts';
import { Mark } from '../mark.tsx';
import { NotAtWork, OriginChip } from '../origin.tsx';
import { Problem } from '../problem.tsx';

const SIZE = 20;

type Outcome = TestOutcome | 'running';

function OutcomeLine({ outcome }: { readonly outcome: Outcome | undefined }): JSX.Element {
  return (
    <p role="status" class="outcome">
      {outcome === 'running' && 'Sending a test …'}
      {outcome !== undefined && outcome !== 'running' && (
        <>
          <Mark tone={outcome.status === 'sent' ? 'good' : 'bad'}>{outcome.status === 'sent' ? 'Test sent' : 'Test failed'}</Mark>{' '}
          {outcome.detail}
          {outcome.permanent && ' It would be refused again: mend the channel’s configuration first.'}
        </>
      )}
    </p>
  );
}

function StateMark({ failures, given }: { readonly failures: number; readonly given: number }): JSX.Element {
  if (failures > 0) return <Mark tone="bad">{failures === 1 ? 'Last attempt failed' : `${failures} attempts in a row failed`}</Mark>;
  if (given > 0) return <Mark tone="bad">{given === 1 ? '1 message given up' : `${given} messages given up`}</Mark>;
  return <Mark tone="good">Working</Mark>;
}

interface EntryProps {
  readonly channel: Channel;
  /** Messages among the newest that will not be tried again. */
  readonly given: number;
  readonly onReplayed: () => void;
}

function Entry({ channel, given, onReplayed }: EntryProps): JSX.Element {
  const api = useAlertingApi();
  const act = useAction();
  const outcome = useSignal<Outcome | undefined>(undefined);
  const { name, kind, failures, origin, problem } = channel;
  const test = (): void => {
    outcome.value = 'running';
    api.testChannel(name).then(
      (answer) => (outcome.value = answer),
      (error: Error) => (outcome.value = { status: 'failed', detail: error.message, permanent: false }),
    );
  };
  return (
    <li class="channel">
      <div class="channel-head">
        <b>{name}</b> <span class="chip">{kind}</span> <OriginChip origin={origin} />
        {problem === null && <StateMark failures={failures} given={given} />}
        <span class="spring" />
        {problem === null && given > 0 && (
          <button
            type="button"
            aria-label={`Send again what was given up on ${name}`}
            onClick={() => act(() => api.replay(name), { onDone: onReplayed })}
          >
            Send again
          </button>
        )}
        {problem === null && (
          <button type="button" aria-label={`Send a test to ${name}`} disabled={outcome.value === 'running'} onClick={test}>
            Send a test
          </button>
        )}
      </div>
      <NotAtWork problem={problem} />
      <OutcomeLine outcome={outcome.value} />
    </li>
  );
}

/** Where notifications go, whether they arrive, a marked test for each, and a way to send again what was given up. */
export function Channels({ deliveries }: { readonly deliveries: Fetched<readonly Delivery[]> }): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => api.channels(), '');
  const offset = useSignal(0);
  const given = (name: string): number =>
    deliveries.value?.filter(({ channel, status }) => channel === name && status === 'dead').length ?? 0;
  return (
    <Card id="channels" title="Channels">
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={3} label="Loading channels" />}
      {value?.length === 0 && (
        <Blank icon="plug" title="No channel yet">
          Nobody hears of an alert. Write one under <code>channels</code> in the configuration file: e-mail, Slack, a webhook and others.
        </Blank>
      )}
      <ul class="channels">
        {value?.slice(offset.value, offset.value + SIZE).map((channel) => (
          <Entry key={`${channel.origin} ${channel.name}`} channel={channel} given={given(channel.name)} onReplayed={deliveries.reload} />
        ))}
      </ul>
      <Pager label="Channels" offset={offset.value} size={SIZE} total={value?.length ?? 0} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
