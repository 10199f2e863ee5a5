import type { JSX } from 'preact';
import { quantityText } from '../format/number.ts';
import { clockText } from '../format/time.ts';
import type { Line } from './chart-card.tsx';

const ROWS = 60;

export interface ChartTableProps {
  readonly title: string;
  readonly timesSeconds: readonly number[];
  readonly lines: readonly Line[];
}

/** A chart's points as a table, newest first, thinned to at most 60 rows. */
export function ChartTable({ title, timesSeconds, lines }: ChartTableProps): JSX.Element {
  const stride = Math.max(1, Math.ceil(timesSeconds.length / ROWS));
  const rows: number[] = [];
  for (let row = timesSeconds.length - 1; row >= 0; row -= stride) rows.push(row);
  return (
    <div class="scroll chart-table" role="region" aria-label={`${title}: table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ name, title: column }) => (
              <th key={name} scope="col" class="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={timesSeconds[row]}>
              <th scope="row">{clockText((timesSeconds[row] ?? 0) * 1000)}</th>
              {lines.map(({ name, unit, values }) => (
                <td key={name} class="number">
                  {quantityText(values[row], unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
