import type { JSX } from 'preact';
import { AlertPages } from './alert-pages.tsx';
import { Incidents } from './incidents.tsx';

/** What fires now, one by one and as incidents. */
export function ActivePart(): JSX.Element {
  return (
    <div class="two-columns">
      <AlertPages />
      <Incidents />
    </div>
  );
}
