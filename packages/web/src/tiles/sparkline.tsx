import type { JSX } from 'preact';
import { sparklinePath } from './sparkline-path.ts';

/** A small line without axes beside a number: decoration, the chart below tells the same in full. */
export function Sparkline({ values }: { readonly values: readonly (number | null)[] }): JSX.Element {
  const path = sparklinePath(values);
  return (
    <svg class="sparkline" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {path !== '' && <path class="spark-fill" d={`${path}L100 24L0 24Z`} />}
      {path !== '' && <path class="spark-line" d={path} />}
    </svg>
  );
}
