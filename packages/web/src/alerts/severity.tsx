import type { JSX } from 'preact';
import type { Severity } from '@bellwether/server/api';

/** Each level has a shape of its own: the colour only repeats it. */
const SHAPES: Record<Severity, JSX.Element> = {
  critical: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />,
  high: <path d="M8 1.2L15.3 14.5H.7z" />,
  medium: <path d="M8 .8L15.2 8 8 15.2.8 8z" />,
  low: <circle cx="8" cy="8" r="6.8" />,
};

const MARKS: Record<Severity, JSX.Element> = {
  critical: <path class="mark" d="M8 4v5M8 11.4v.6" />,
  high: <path class="mark" d="M8 6v4M8 12v.5" />,
  medium: <path class="mark" d="M8 4.8v3.7M8 10.6v.5" />,
  low: <path class="mark" d="M8 7.3v4M8 4.6v.5" />,
};

/** A level as shape, word and colour. `hidesWord` leaves the word to assistive technology. */
export function SeverityBadge({ level, hidesWord = false }: { readonly level: Severity; readonly hidesWord?: boolean }): JSX.Element {
  return (
    <span class={`severity severity-${level}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {SHAPES[level]}
        {MARKS[level]}
      </svg>
      <span class={hidesWord ? 'sr-only' : ''}>{level}</span>
    </span>
  );
}
