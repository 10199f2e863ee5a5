import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { AlertRoute, AlertRouteDetail, SilenceMatcher } from '@bellwether/server/api';
import { durationText } from '../../format/time.ts';
import { Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi, type Receiver } from '../alerting-api.ts';
import { MatcherList } from '../label-list.tsx';
import { Mark } from '../mark.tsx';
import { EMPTY_MATCHER, MatcherFields } from '../matcher-fields.tsx';
import { NotAtWork, OriginChip } from '../origin.tsx';
import { Problem } from '../problem.tsx';

const length = (seconds: number): string => durationText(seconds * 1000);

function pace({ grouping }: AlertRoute): string {
  if (grouping === null) return 'Groups by itself.';
  const { group_by, group_wait_seconds, group_interval_seconds, repeat_interval_seconds } = grouping;
  const by = group_by === null ? 'all labels' : group_by.length === 0 ? 'nothing: one group' : group_by.join(', ');
  return `Groups by ${by}; first after ${length(group_wait_seconds)}, news after ${length(group_interval_seconds)}, again after ${length(repeat_interval_seconds)}.`;
}

function Branch({ route, taken }: { readonly route: AlertRoute; readonly taken: ReadonlySet<string> }): JSX.Element {
  const { receiver, channels, matchers, mute_time_intervals: muted, active_time_intervals: active } = route;
  return (
    <li>
      <div class={`route ${taken.has(route.id) ? 'route-taken' : ''}`}>
        {matchers.length === 0 ? <p class="muted">Every alert</p> : <MatcherList matchers={matchers} />}
        <p>
          to <b>{receiver === '' ? 'every channel' : receiver}</b> <OriginChip origin={route.origin} />
          {receiver !== '' && channels.join() !== receiver && ` (${channels.join(', ')})`}
          {receiver === '' && channels.length === 0 && ' (there is none yet)'}
          {taken.has(route.id) && (
            <>
              {' '}
              <Mark tone="good">Takes these labels</Mark>
            </>
          )}
        </p>
        <p class="muted">
          {pace(route)}
          {route.continue && ' Goes on to the next route.'}
          {muted.length > 0 && ` Quiet: ${muted.join(', ')}.`}
          {active.length > 0 && ` Only: ${active.join(', ')}.`}
        </p>
      </div>
      {route.routes.length > 0 && (
        <ul class="branches">
          {route.routes.map((child) => (
            <Branch key={child.id} route={child} taken={taken} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The receiver or the channels that a saved route names. */
function savedTarget(definition: AlertRouteDetail['definition']): string {
  const { receiver = '', channels = [] } = (definition ?? {}) as { readonly receiver?: string; readonly channels?: readonly string[] };
  return receiver === '' ? channels.join(', ') || 'every channel' : receiver;
}

/** Routes that were saved and do not work so. */
function Unfit({ saved }: { readonly saved: readonly AlertRouteDetail[] }): JSX.Element {
  return (
    <ul class="channels">
      {saved
        .filter(({ problem }) => problem !== null)
        .map(({ id, origin, problem, definition }) => (
          <li key={id} class="channel">
            <p>
              Route to <b>{savedTarget(definition)}</b> <OriginChip origin={origin} />
            </p>
            <NotAtWork problem={problem} />
          </li>
        ))}
    </ul>
  );
}

function Answer({ receivers }: { readonly receivers: readonly Receiver[] | undefined }): JSX.Element {
  return (
    <div role="status">
      {receivers?.length === 0 && <p>Nobody would hear of an alert with these labels.</p>}
      {receivers !== undefined && receivers.length > 0 && (
        <ul class="receivers">
          {receivers.map(({ receiver, channels, route }) => (
            <li key={route}>
              <b>{receiver === '' ? 'Every channel' : receiver}</b>: {channels.length === 0 ? 'no channel' : channels.join(', ')}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface TestProps {
  readonly receivers: readonly Receiver[] | undefined;
  readonly onTested: (receivers: readonly Receiver[]) => void;
}

function RouteTest({ receivers, onTested }: TestProps): JSX.Element {
  const api = useAlertingApi();
  const labels = useSignal<readonly SilenceMatcher[]>([{ ...EMPTY_MATCHER, name: 'severity', value: 'critical' }]);
  const problem = useSignal('');
  const ask = (event: Event): void => {
    event.preventDefault();
    const named = labels.value.filter(({ name }) => name !== '').map(({ name, value }) => [name, value] as const);
    api.receivers(Object.fromEntries(named)).then(
      (found) => {
        problem.value = '';
        onTested(found);
      },
      (error: Error) => (problem.value = error.message),
    );
  };
  return (
    <form class="route-test" onSubmit={ask}>
      <fieldset>
        <legend>Who would hear of an alert with these labels?</legend>
        <MatcherFields matchers={labels.value} isExact onChange={(next) => (labels.value = next)} />
        <button type="submit" class="primary">
          Ask
        </button>
      </fieldset>
      <Problem text={problem.value} />
      <Answer receivers={receivers} />
    </form>
  );
}

/** The tree that alerts walk down to their receivers, with a question to it. */
export function Routes(): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => api.routes(), '', 60_000);
  const receivers = useSignal<readonly Receiver[] | undefined>(undefined);
  const taken = new Set(receivers.value?.map(({ route }) => route));
  return (
    <Card id="routes" title="Routes">
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={3} label="Loading routes" />}
      {value !== undefined && (
        <>
          <ul class="route-tree">
            <Branch route={value.route} taken={taken} />
          </ul>
          <Unfit saved={value.saved} />
        </>
      )}
      <RouteTest receivers={receivers.value} onTested={(found) => (receivers.value = found)} />
    </Card>
  );
}
