import type { ComponentType, JSX } from 'preact';
import type { Frame, Severity } from '@bellwether/server/api';
import { useDashboard } from '../state/context.ts';
import { Blank, Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { Later } from '../ui/later.tsx';
import type { AlertListProps } from './alert-list.tsx';
import { SeverityBadge } from './severity.tsx';

const loadList = (): Promise<ComponentType<AlertListProps>> => import('./alert-list.tsx').then(({ AlertList }) => AlertList);
const loadHistory = (): Promise<ComponentType> => import('./alert-history.tsx').then(({ AlertHistory }) => AlertHistory);

const LEVELS: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

function Breakdown({ breakdown }: { readonly breakdown: Frame['severity_breakdown'] }): JSX.Element {
  const counts = LEVELS.map((level) => ({ level, count: breakdown[level] }));
  return (
    <ul class="breakdown">
      {counts
        .filter(({ count }) => count > 0)
        .map(({ level, count }) => (
          <li key={level}>
            <b>{count}</b> <SeverityBadge level={level} />
          </li>
        ))}
    </ul>
  );
}

/** What fires now, most severe first, and what fired before. */
export function AlertPanel(): JSX.Element {
  const { frame } = useDashboard();
  const { alerts, severity_breakdown: breakdown } = frame.value ?? {};
  return (
    <Card
      id="alerts"
      title="Alerts"
      aside={breakdown !== undefined && alerts?.length !== 0 ? <Breakdown breakdown={breakdown} /> : undefined}
    >
      {alerts === undefined && <Loading lines={3} label="Loading alerts" />}
      {alerts?.length === 0 && (
        <Blank icon="check" title="No active alerts">
          Every watched metric is within its thresholds.
        </Blank>
      )}
      {alerts !== undefined && alerts.length > 0 && (
        <Later load={loadList} props={{ alerts }}>
          <Loading lines={3} label="Loading alerts" />
        </Later>
      )}
      <Later load={loadHistory} props={{}} />
    </Card>
  );
}
