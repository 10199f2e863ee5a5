import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Alert } from '@bellwether/server/api';
import { agoText, dateTimeText } from '../format/time.ts';
import { useDashboard } from '../state/context.ts';
import { Icon } from '../ui/icon.tsx';
import { SeverityBadge } from './severity.tsx';

const HOUR_MS = 3_600_000;

function AlertActions({ alert }: { readonly alert: Alert }): JSX.Element {
  const { api, notices } = useDashboard();
  const acknowledged = useSignal(false);
  const silenced = useSignal(false);
  const act = async (call: () => Promise<void>, done: string, flag: { value: boolean }): Promise<void> => {
    try {
      await call();
      flag.value = true;
      notices.done(done);
    } catch (error) {
      notices.failed(error);
    }
  };
  const acknowledge = (): Promise<void> =>
    act(() => api.acknowledge(alert.id), `Acknowledged: ${alert.metric_name}. Escalation stops.`, acknowledged);
  const silence = (): Promise<void> => {
    const labels = { alertname: alert.metric_name, ...alert.labels };
    return act(
      () => api.silence(labels, Date.now() + HOUR_MS, 'Silenced from the dashboard'),
      `Silenced for 1 hour: ${alert.metric_name}.`,
      silenced,
    );
  };
  const by = alert.acknowledged_by;
  return (
    <div class="alert-actions">
      {acknowledged.value || by ? (
        <span class="alert-flag">
          <Icon name="check" /> Acknowledged{by ? ` by ${by}` : ''}
        </span>
      ) : (
        <button type="button" onClick={() => void acknowledge()} aria-label={`Acknowledge ${alert.metric_name}`}>
          Acknowledge
        </button>
      )}
      {silenced.value || alert.silenced ? (
        <span class="alert-flag">
          <Icon name="mute" /> Silenced
        </span>
      ) : (
        <button type="button" onClick={() => void silence()} aria-label={`Silence 1 h: ${alert.metric_name}`}>
          Silence 1 h
        </button>
      )}
    </div>
  );
}

/** One firing alert: how bad, what, since when, and what can be done about it. */
export function AlertRow({ alert }: { readonly alert: Alert }): JSX.Element {
  const { nowMs } = useDashboard();
  const atMs = Date.parse(alert.timestamp);
  const labels = Object.entries(alert.labels);
  return (
    <li class={`alert alert-${alert.severity}`}>
      <div class="alert-line">
        <SeverityBadge level={alert.severity} />
        <time dateTime={alert.timestamp} title={dateTimeText(atMs)}>
          {agoText(atMs, nowMs.value)}
        </time>
      </div>
      <p class="alert-message">{alert.message}</p>
      {labels.length > 0 && (
        <p class="labels">
          {labels.map(([name, value]) => (
            <code key={name}>
              {name}={value}
            </code>
          ))}
        </p>
      )}
      <AlertActions alert={alert} />
    </li>
  );
}
