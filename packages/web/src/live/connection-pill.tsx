import type { JSX } from 'preact';
import { useDashboard } from '../state/context.ts';

const WORDS = { connecting: 'Connecting', live: 'Live', paused: 'Paused', offline: 'Offline', retrying: 'Reconnecting' } as const;

/** Whether what is shown is fresh: a shape, a word and a colour. */
export function ConnectionPill(): JSX.Element {
  const { connection } = useDashboard();
  const { phase } = connection.value;
  return (
    <span class={`pill pill-${phase}`} role="status">
      <span class="pill-dot" aria-hidden="true" />
      <span class="sr-only">Connection: </span>
      <span>{WORDS[phase]}</span>
    </span>
  );
}
