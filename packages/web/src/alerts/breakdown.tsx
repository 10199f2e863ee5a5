import type { JSX } from 'preact';
import type { Severity } from '@bellwether/server/api';
import { wholeText } from '../format/number.ts';
import { SeverityBadge } from './severity.tsx';

/** Most severe first. */
export const LEVELS: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** How many alerts of each level there are; levels without any are left out. */
export function Breakdown({ counts }: { readonly counts: Partial<Record<Severity, number>> }): JSX.Element {
  return (
    <ul class="breakdown">
      {LEVELS.filter((level) => (counts[level] ?? 0) > 0).map((level) => (
        <li key={level}>
          <b>{wholeText(counts[level] ?? 0)}</b> <SeverityBadge level={level} />
        </li>
      ))}
    </ul>
  );
}
