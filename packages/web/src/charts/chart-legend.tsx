import type { JSX } from 'preact';
import { quantity } from '../format/number.ts';
import type { Line } from './chart-card.tsx';
import { lineStyle } from './palette.ts';

export interface ChartLegendProps {
  readonly lines: readonly Line[];
  readonly hidden: ReadonlySet<string>;
  /** Row whose values are shown; the newest when absent. */
  readonly row: number | undefined;
  readonly onToggle: (name: string) => void;
}

/** A line as it is drawn: colour and dash. */
function Swatch({ index }: { readonly index: number }): JSX.Element {
  const { dash } = lineStyle(index);
  return (
    <svg class={`swatch line-${(index % 4) + 1}`} viewBox="0 0 22 4" aria-hidden="true" focusable="false">
      <path d="M0 2h22" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}

/** Names, dashes and values of the lines; each entry hides or shows its line. */
export function ChartLegend({ lines, hidden, row, onToggle }: ChartLegendProps): JSX.Element {
  return (
    <ul class="legend">
      {lines.map(({ name, title, unit, values }, index) => {
        const value = quantity(row === undefined ? values.findLast((candidate) => candidate !== null) : values[row], unit);
        return (
          <li key={name}>
            <button type="button" class="quiet" aria-pressed={!hidden.has(name)} onClick={() => onToggle(name)}>
              <Swatch index={index} />
              {title}{' '}
              <b>
                {value.digits} {value.unit}
              </b>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
