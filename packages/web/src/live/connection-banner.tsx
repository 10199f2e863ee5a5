import type { JSX } from 'preact';
import { clockText } from '../format/time.ts';
import { useDashboard } from '../state/context.ts';

/** Says that the connection is lost, how old the picture is, and when the next attempt comes. */
export function ConnectionBanner(): JSX.Element | null {
  const { connection, frame, nowMs, reconnect } = useDashboard();
  const state = connection.value;
  if (state.phase !== 'retrying' && state.phase !== 'offline') return null;
  const age = frame.value === undefined ? '' : ` What you see is from ${clockText(Date.parse(frame.value.timestamp))}.`;
  if (state.phase === 'offline') {
    return (
      <section class="banner" aria-label="Connection">
        <p>This computer is offline. The page goes on by itself when the network is back.{age}</p>
      </section>
    );
  }
  const waitSeconds = Math.max(0, Math.ceil((state.retryAtMs - nowMs.value) / 1000));
  return (
    <section class="banner" aria-label="Connection">
      <p>
        No connection to the server: is it running?{age} {waitSeconds > 0 ? `Next attempt in ${waitSeconds} s.` : 'Trying …'}
      </p>
      <button type="button" onClick={reconnect}>
        Try now
      </button>
    </section>
  );
}
