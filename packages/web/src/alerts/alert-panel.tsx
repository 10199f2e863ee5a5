import type { ComponentType, JSX } from 'preact';
import type { Frame } from '@bellwether/server/api';
import { useDashboard } from '../state/context.ts';
import { Blank, Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { Later } from '../ui/later.tsx';
import type { AlertListProps } from './alert-list.tsx';
import { Breakdown, LEVELS } from './breakdown.tsx';

const loadList = (): Promise<ComponentType<AlertListProps>> => import('./alert-list.tsx').then(({ AlertList }) => AlertList);
const loadHistory = (): Promise<ComponentType> => import('./alert-history.tsx').then(({ AlertHistory }) => AlertHistory);

const NONE: Frame['severity_breakdown'] = { low: 0, medium: 0, high: 0, critical: 0 };

/** What fires now, most severe first, and what fired before. */
export function AlertPanel(): JSX.Element {
  const { frame } = useDashboard();
  const { alerts, severity_breakdown: counts = NONE } = frame.value ?? {};
  const total = LEVELS.reduce((sum, level) => sum + counts[level], 0);
  return (
    <Card id="alerts" title="Alerts" aside={total > 0 ? <Breakdown counts={counts} /> : undefined}>
      {alerts === undefined && <Loading lines={3} label="Loading alerts" />}
      {alerts?.length === 0 && (
        <Blank icon="check" title="No active alerts">
          Every watched metric is within its thresholds.
        </Blank>
      )}
      {alerts !== undefined && alerts.length > 0 && (
        <Later load={loadList} props={{ alerts, total }}>
          <Loading lines={3} label="Loading alerts" />
        </Later>
      )}
      <Later load={loadHistory} props={{}} />
    </Card>
  );
}
