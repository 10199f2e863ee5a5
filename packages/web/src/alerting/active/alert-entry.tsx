import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Alert } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { agoText, dateTimeText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
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
  const acknowledge = (): void => act(() => api.acknowledge(id), { done: `Acknowledged: ${name}. Escalation stops.`, onDone: onChanged });
  const giveBack = (): void => act(() => api.unacknowledge(id), { done: `No longer acknowledged: ${name}.`, onDone: onChanged });
  return (
    <>
      {alert.acknowledged_by === null ? (
        <button type="button" onClick={acknowledge} aria-label={`Acknowledge ${name}`}>
          Acknowledge
        </button>
      ) : (
        <button type="button" onClick={giveBack} aria-label={`Take back the acknowledgement of ${name}`}>
          Take back
        </button>
      )}
      <a class="button" href={silenceAddress(alert)} aria-label={`Silence ${name} …`}>
        Silence …
      </a>
    </>
  );
}

function Flags({ alert }: { readonly alert: Alert }): JSX.Element | null {
  const flags: readonly (readonly [shown: boolean, icon: IconName, text: string])[] = [
    [alert.acknowledged_by !== null, 'check', `Acknowledged by ${alert.acknowledged_by}`],
    [alert.silenced, 'mute', 'Silenced'],
    [alert.inhibited_by !== null, 'mute', 'Explained by another alert'],
    [alert.escalation_level > 0, 'bell', `Escalated to step ${alert.escalation_level}`],
  ];
  const shown = flags.filter(([isShown]) => isShown);
  if (shown.length === 0) return null;
  return (
    <p class="alert-flags">
      {shown.map(([, icon, text]) => (
        <span key={text} class="alert-flag">
          <Icon name={icon} /> {text}
        </span>
      ))}
    </p>
  );
}

/** One active alert with what can be done about it; opens to why it fires and what keeps it quiet. */
export function AlertEntry({ alert, onChanged }: AlertEntryProps): JSX.Element {
  const { nowMs } = useDashboard();
  const isOpen = useSignal(false);
  const atMs = Date.parse(alert.timestamp);
  return (
    <li class={`alert alert-entry alert-${alert.severity}`}>
      <div>
        <div class="alert-line">
          <SeverityBadge level={alert.severity} />
          <time dateTime={alert.timestamp} title={dateTimeText(atMs)}>
            {agoText(atMs, nowMs.value)}
          </time>
        </div>
        <p class="alert-message">{alert.message}</p>
        <LabelList labels={alert.labels} />
      </div>
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
      </div>
      <Flags alert={alert} />
      {isOpen.value && <AlertDetails alert={alert} />}
    </li>
  );
}
