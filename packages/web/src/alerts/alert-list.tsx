import type { JSX } from 'preact';
import type { Alert } from '@bellwether/server/api';
import { AlertRow } from './alert-row.tsx';

export interface AlertListProps {
  readonly alerts: readonly Alert[];
}

/** The firing alerts, in the given order. */
export function AlertList({ alerts }: AlertListProps): JSX.Element {
  return (
    <ul class="alerts">
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} />
      ))}
    </ul>
  );
}
