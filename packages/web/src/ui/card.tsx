import type { ComponentChildren, JSX } from 'preact';

export interface CardProps {
  /** Also names the section for assistive technology and in-page links. */
  readonly id: string;
  readonly title: string;
  /** Beside the title: counts, buttons. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A titled section on its own surface. */
export function Card({ id, title, aside, children, class: extra = '' }: CardProps): JSX.Element {
  return (
    <section class={`card ${extra}`} aria-labelledby={`${id}-title`} id={id}>
      <header class="card-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside !== undefined && <div class="card-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
