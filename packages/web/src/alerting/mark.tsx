import type { ComponentChildren, JSX } from 'preact';

export type Tone = 'good' | 'wait' | 'bad' | 'idle';

/** Each state has a shape of its own: the colour only repeats it. */
const SHAPES: Record<Tone, string> = {
  good: 'M2.5 8.5l3.5 3.5L13.5 4',
  wait: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.6V8l2.4 2',
  bad: 'M8 1.5L15 14H1zM8 6v4M8 11.7v.6',
  idle: 'M3 8h10',
};

/** A state as shape, word and colour. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }): JSX.Element {
  return (
    <span class={`mark-word mark-${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d={SHAPES[tone]} />
      </svg>
      {children}
    </span>
  );
}
