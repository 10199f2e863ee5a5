import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Breakdown } from '../../alerts/breakdown.tsx';
import { useDashboard } from '../../state/context.ts';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAlertingApi } from '../alerting-api.ts';
import { Problem } from '../problem.tsx';
import { AlertEntry } from './alert-entry.tsx';
import { AlertFilter, NO_FILTER, type Wanted } from './alert-filter.tsx';

const SIZE = 20;
const REFRESH_MS = 5000;

function Nothing({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  return isFiltered ? (
    <Blank icon="check" title="No active alert fits">
      Take a condition away to see the others.
    </Blank>
  ) : (
    <Blank icon="check" title="No active alerts">
      Every watched metric is within its thresholds. What is watched stands under <a href="#alerting/rules">Rules</a>.
    </Blank>
  );
}

/** The active alerts that fit the filter, a page at a time. */
export function AlertPages(): JSX.Element {
  const api = useAlertingApi();
  const { instance } = useDashboard();
  const wanted = useSignal<Wanted>(NO_FILTER);
  const offset = useSignal(0);
  const query = { ...wanted.value, instance: instance.value, offset: offset.value, limit: SIZE };
  const { value: page, problem, reload } = useFetched(() => api.alerts(query), JSON.stringify(query), REFRESH_MS);
  const isFiltered = instance.value !== '' || Object.values(wanted.value).some((value) => value !== '');
  const choose = (next: Wanted): void => {
    wanted.value = next;
    offset.value = 0;
  };
  return (
    <Card id="active" title="Active alerts" aside={<Breakdown counts={page?.severity_breakdown ?? {}} />}>
      <AlertFilter wanted={wanted.value} onChange={choose} />
      <Problem text={problem} />
      {page === undefined && problem === '' && <Loading lines={4} label="Loading alerts" />}
      {page !== undefined && page.total === 0 && <Nothing isFiltered={isFiltered} />}
      {page !== undefined && page.count > 0 && (
        <ul class="alerts">
          {page.alerts.map((alert) => (
            <AlertEntry key={alert.id} alert={alert} onChanged={reload} />
          ))}
        </ul>
      )}
      <Pager label="Alerts" offset={offset.value} size={SIZE} total={page?.total ?? 0} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
