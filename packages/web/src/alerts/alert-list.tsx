import type { JSX } from 'preact';
import type { Alert } from '@bellwether/server/api';
import { wholeText } from '../format/number.ts';
import { AlertRow } from './alert-row.tsx';

/** Rows on the overview; the alerting view pages through all. */
const SHOWN = 20;

export interface AlertListProps {
  readonly alerts: readonly Alert[];
  /** Active alerts, also those that are not among `alerts`. */
  readonly total: number;
}

/** The first of the firing alerts, in the given order, and the way to the others. */
export function AlertList({ alerts, total }: AlertListProps): JSX.Element {
  return (
    <>
      <ul class="alerts">
        {alerts.slice(0, SHOWN).map((alert) => (
          <AlertRow key={alert.id} alert={alert} />
        ))}
      </ul>
      {total > SHOWN && (
        <p class="more">
          <a href="#alerting">All {wholeText(total)} alerts</a>
        </p>
      )}
    </>
  );
}
