import type { JSX } from 'preact';
import type { Labels, SilenceMatcher } from '@bellwether/server/api';
import { matcherText } from './label-matchers.ts';

/** `name=value` side by side; nothing for an empty set. */
export function LabelList({ labels }: { readonly labels: Labels }): JSX.Element | null {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <p class="labels">
      {entries.map(([name, value]) => (
        <code key={name}>
          {name}={value}
        </code>
      ))}
    </p>
  );
}

export function MatcherList({ matchers }: { readonly matchers: readonly SilenceMatcher[] }): JSX.Element {
  return (
    <p class="labels">
      {matchers.map((matcher) => (
        <code key={matcherText(matcher)}>{matcherText(matcher)}</code>
      ))}
    </p>
  );
}
