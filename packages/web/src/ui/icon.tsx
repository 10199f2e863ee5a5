import type { JSX } from 'preact';

const PATHS = {
  check: 'M3.5 8.5l3 3 6-7',
  close: 'M4 4l8 8M12 4l-8 8',
  bell: 'M8 2.2a3.6 3.6 0 0 0-3.6 3.6c0 3.4-1.4 4.7-1.4 4.7h10s-1.4-1.3-1.4-4.7A3.6 3.6 0 0 0 8 2.2zM6.8 12.8a1.3 1.3 0 0 0 2.4 0',
  mute: 'M6.4 2.7A3.6 3.6 0 0 1 11.6 5.8c0 1 .1 1.8.3 2.5M4.5 5c-.1.3-.1.5-.1.8 0 3.4-1.4 4.7-1.4 4.7h8M6.8 12.8a1.3 1.3 0 0 0 2.4 0M2.5 2.5l11 11',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z',
  system: 'M2.5 3h11v7.5h-11zM6 13.2h4M8 10.5v2.7',
  arrange: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM11.25 9v4.5M9 11.25h4.5',
  table: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  line: 'M2.5 12.5h11M2.5 9.5l3-3.5 2.5 2 4.5-5',
  signOut: 'M6.5 3h-3.5v10h3.5M10 5l3 3-3 3M13 8h-7',
  chevron: 'M6 4l4 4-4 4',
  plug: 'M6 2.5v3M10 2.5v3M4.5 5.5h7v2a3.5 3.5 0 0 1-7 0zM8 11v3',
  leaf: 'M3 13c0-6 3-9.5 10-10 .3 6.5-2.5 10-8 10M3 13c1.5-3.5 3.5-5 6-6',
} as const;

export type IconName = keyof typeof PATHS;

/** A 16-pixel line drawing in the text's colour. Decoration only: the text beside it, or a label, says the same. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
