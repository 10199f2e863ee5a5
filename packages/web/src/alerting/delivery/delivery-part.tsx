import type { JSX } from 'preact';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { Channels } from './channels.tsx';
import { Deliveries } from './deliveries.tsx';
import { EscalationLadders } from './escalation-ladders.tsx';
import { Routes } from './routes.tsx';

/** As many as the server gives at once. */
const NEWEST = 1000;

/** Who hears of alerts, how, and whether it arrived. */
export function DeliveryPart(): JSX.Element {
  const api = useAlertingApi();
  const deliveries = useFetched(() => api.deliveries(NEWEST), '', 30_000);
  return (
    <div class="two-columns">
      <div class="stack">
        <Channels deliveries={deliveries} />
        <Deliveries deliveries={deliveries} />
      </div>
      <div class="stack">
        <Routes />
        <EscalationLadders />
      </div>
    </div>
  );
}
