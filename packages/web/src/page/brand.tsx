import type { JSX } from 'preact';

/** Mark and name. */
export function Brand(): JSX.Element {
  return (
    <span class="brand">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path class="brand-bell" d="M12 3a6 6 0 0 0-6 6c0 6-2.5 8-2.5 8h17s-2.5-2-2.5-8a6 6 0 0 0-6-6z" />
        <path class="brand-pulse" d="M6.5 12.5h3l1.5-4 2.2 6 1.3-2h3" />
        <path class="brand-clapper" d="M10 19.5a2 2 0 0 0 4 0" />
      </svg>
      Bellwether
    </span>
  );
}
