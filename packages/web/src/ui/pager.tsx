import type { JSX } from 'preact';
import { wholeText } from '../format/number.ts';

export interface PagerProps {
  /** What is paged, for assistive technology, such as `Alerts`. */
  readonly label: string;
  /** Of the first row shown, from 0. */
  readonly offset: number;
  readonly size: number;
  readonly total: number;
  readonly onMove: (offset: number) => void;
}

/** Buttons to the page before and after; nothing when one page holds everything. */
export function Pager({ label, offset, size, total, onMove }: PagerProps): JSX.Element | null {
  if (total <= size && offset === 0) return null;
  return (
    <div class="pager" role="group" aria-label={`${label}: pages`}>
      <button type="button" disabled={offset === 0} onClick={() => onMove(Math.max(0, offset - size))}>
        Previous
      </button>
      <span>
        {wholeText(Math.min(offset + 1, total))}–{wholeText(Math.min(total, offset + size))} of {wholeText(total)}
      </span>
      <button type="button" disabled={offset + size >= total} onClick={() => onMove(offset + size)}>
        Next
      </button>
    </div>
  );
}
