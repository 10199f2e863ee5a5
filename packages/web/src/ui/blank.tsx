import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface BlankProps {
  readonly icon: IconName;
  readonly title: string;
  /** What it means, or what to do. */
  readonly children?: ComponentChildren;
}

/** What stands where there is nothing to show: why, and what would bring something. */
export function Blank({ icon, title, children }: BlankProps): JSX.Element {
  return (
    <div class="blank">
      <Icon name={icon} />
      <p class="blank-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** Grey bars in the place of text that is on its way. */
export function Loading({ lines, label }: { readonly lines: number; readonly label: string }): JSX.Element {
  return (
    <div class="loading">
      <span class="sr-only">{label}</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="loading-line" aria-hidden="true" />
      ))}
    </div>
  );
}
