import type { JSX } from 'preact';
import type { Origin } from '@bellwether/server/api';
import { Mark } from './mark.tsx';

const WORDS: Readonly<Record<Origin, string>> = { file: 'From the file', api: 'Over the API' };
const TITLES: Readonly<Record<Origin, string>> = {
  file: 'It stands in the configuration file, or is built in, and is changed there.',
  api: 'It was saved over the API, and is changed there.',
};

/** Where something of the configuration is changed. */
export function OriginChip({ origin }: { readonly origin: Origin }): JSX.Element {
  return (
    <span class="chip" title={TITLES[origin]}>
      {WORDS[origin]}
    </span>
  );
}

/** Why something that was saved is not at work; nothing when it is. */
export function NotAtWork({ problem }: { readonly problem: string | null }): JSX.Element | null {
  return problem === null ? null : (
    <p>
      <Mark tone="bad">Not at work as saved</Mark> {problem}
    </p>
  );
}
