import type { JSX } from 'preact';
import { durationText } from '../format/time.ts';
import { useDashboard } from '../state/context.ts';

/** Whether collection runs, and how often; with a button to start it when it is stopped. */
export function MonitoringLine(): JSX.Element | null {
  const { api, frame, notices } = useDashboard();
  const monitoring = frame.value?.health.monitoring;
  if (monitoring === undefined) return null;
  if (monitoring.running) return <p class="health-reason">Measured every {durationText(monitoring.interval * 1000)}</p>;
  const start = (): void => {
    api.startMonitoring().then(
      () => notices.done('Collection runs again.'),
      (error: unknown) => notices.failed(error),
    );
  };
  return (
    <p class="health-stopped">
      Collection is stopped.{' '}
      <button type="button" onClick={start}>
        Start it
      </button>
    </p>
  );
}
