import type { JSX } from 'preact';
import { Channels } from './channels.tsx';
import { Deliveries } from './deliveries.tsx';
import { EscalationLadder } from './escalation-ladder.tsx';
import { Routes } from './routes.tsx';

/** Who hears of alerts, how, and whether it arrived. */
export function DeliveryPart(): JSX.Element {
  return (
    <div class="two-columns">
      <div class="stack">
        <Channels />
        <Deliveries />
      </div>
      <div class="stack">
        <Routes />
        <EscalationLadder />
      </div>
    </div>
  );
}
