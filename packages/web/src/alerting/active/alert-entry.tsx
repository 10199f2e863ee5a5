import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Alert } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { agoText, dateTimeText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Icon } from '../../ui/icon.tsx';
import { useAction } from '../action.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { LabelList } from '../label-list.tsx';
import { AlertDetails } from './alert-details.tsx';

export interface AlertEntryProps {
  readonly alert: Alert;
  /** Runs after something about the alert was changed. */
  readonly onChanged: () => void;
}

/** Where a silence for exactly this alert is made: its labels stand in the form. */
function silenceAddress({ metric_name, labels }: Alert): string {
  return `#alerting/silences?${new URLSearchParams({ alertname: metric_name, ...labels }).toString()}`;
}

function Actions({ alert, onChanged }: AlertEntryProps): JSX.Element {
  const api = useAlertingApi();
  const act = useAction();
  const { id, metric_name: name } = alert;
  const acknowledge = (): void => act(() => api.acknowledge(id), { done: `Acknowledged: ${name}. Escalation stops.`, then: onChanged });
  const giveBack = (): void => act(() => api.unacknowledge(id), { done: `No longer acknowledged: ${name}.`, then: onChanged });
  return (
    <>
      {alert.acknowledged_by === null ? (
        <button type="button" onClick={acknowledge} aria-label={`Acknowledge ${name}`}>
          Acknowledge
        </button>
      ) : (
        <button type="button" onClick={giveBack} aria-label={`Take the acknowledgement of ${name} back`}>
          Take back
        </button>
      )}
      <a class="button" href={silenceAddress(alert)} aria-label={`Silence ${name} …`}>
        Silence …
      </a>
    </>
  );
}

function Flags({ alert }: { readonly alert: Alert }): JSX.Element {
  return (
    <>
      {alert.acknowledged_by !== null && (
        <span class="alert-flag">
          <Icon name="check" /> Acknowledged by {alert.acknowledged_by}
        </span>
      )}
      {alert.silenced && (
        <span class="alert-flag">
          <Icon name="mute" /> Silenced
        </span>
      )}
      {alert.inhibited_by !== null && (
        <span class="alert-flag">
          <Icon name="mute" /> Explained by another alert
        </span>
      )}
      {alert.escalation_level > 0 && (
        <span class="alert-flag">
          <Icon name="bell" /> Escalated to step {alert.escalation_level}
        </span>
      )}
    </>
  );
}

/** One active alert with what can be done about it; opens to why it fires and what keeps it quiet. */
export function AlertEntry({ alert, onChanged }: AlertEntryProps): JSX.Element {
  const { nowMs } = useDashboard();
  const isOpen = useSignal(false);
  const atMs = Date.parse(alert.timestamp);
  return (
    <li class={`alert alert-${alert.severity}`}>
      <div class="alert-line">
        <SeverityBadge level={alert.severity} />
        <time dateTime={alert.timestamp} title={dateTimeText(atMs)}>
          {agoText(atMs, nowMs.value)}
        </time>
      </div>
      <p class="alert-message">{alert.message}</p>
      <LabelList labels={alert.labels} />
      <div class="alert-actions">
        <Actions alert={alert} onChanged={onChanged} />
        <button
          type="button"
          aria-expanded={isOpen.value}
          aria-label={`Details of ${alert.metric_name}`}
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          Details
        </button>
        <Flags alert={alert} />
      </div>
      {isOpen.value && <AlertDetails alert={alert} />}
    </li>
  );
}
