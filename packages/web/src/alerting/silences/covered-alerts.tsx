import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SilenceMatcher } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { wholeText } from '../../format/number.ts';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAlertingApi } from '../alerting-api.ts';
import { LabelList } from '../label-list.tsx';
import { filterOf } from '../label-matchers.ts';
import { Problem } from '../problem.tsx';

const SIZE = 5;

/** The active alerts that matchers cover now, a page at a time: also in a storm no more than a page is fetched. */
export function CoveredAlerts({ matchers }: { readonly matchers: readonly SilenceMatcher[] }): JSX.Element {
  const api = useAlertingApi();
  const offset = useSignal(0);
  const filter = filterOf(matchers);
  const { value, problem } = useFetched(() => api.alerts({ filter, offset: offset.value, limit: SIZE }), `${filter} ${offset.value}`);
  const total = value?.total ?? 0;
  return (
    <>
      <Problem text={problem} />
      <p role="status">
        {value !== undefined && problem === '' && (
          <>
            Covers <b>{wholeText(total)}</b> active {total === 1 ? 'alert' : 'alerts'} now{total > 0 ? ':' : '.'}
          </>
        )}
      </p>
      {problem === '' && (
        <ul class="covered">
          {value?.alerts.map((alert) => (
            <li key={alert.id}>
              <SeverityBadge level={alert.severity} hidesWord />
              <div>
                {alert.message}
                <LabelList labels={alert.labels} />
              </div>
            </li>
          ))}
        </ul>
      )}
      <Pager label="Covered alerts" offset={offset.value} size={SIZE} total={total} onMove={(to) => (offset.value = to)} />
    </>
  );
}
