import type { ComponentType, JSX } from 'preact';
import type { AlertList as AlertListAnswer, Frame, Severity } from '@bellwether/server/api';
import { useDashboard } from '../state/context.ts';
import { Blank, Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { Later } from '../ui/later.tsx';
import type { AlertListProps } from './alert-list.tsx';
import { Breakdown, LEVELS } from './breakdown.tsx';

const loadList = (): Promise<ComponentType<AlertListProps>> => import('./alert-list.tsx').then(({ AlertList }) => AlertList);
const loadHistory = (): Promise<ComponentType> => import('./alert-history.tsx').then(({ AlertHistory }) => AlertHistory);

/** Counts of a frame: told by the server when it lists only the first alerts. */
function countsOf(frame: Frame & Partial<Pick<AlertListAnswer, 'severity_breakdown'>>): Partial<Record<Severity, number>> {
  if (frame.severity_breakdown !== undefined) return frame.severity_breakdown;
  return Object.fromEntries(LEVELS.map((level) => [level, frame.alerts.filter(({ severity }) => severity === level).length]));
}

/** What fires now, most severe first, and what fired before. */
export function AlertPanel(): JSX.Element {
  const { frame } = useDashboard();
  const alerts = frame.value?.alerts;
  const counts = frame.value === undefined ? {} : countsOf(frame.value);
  const total = LEVELS.reduce((sum, level) => sum + (counts[level] ?? 0), 0);
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
