import { useSignal, useSignalEffect, type ReadonlySignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { quantityText } from '../format/number.ts';
import { clockText } from '../format/time.ts';
import { useDashboard } from '../state/context.ts';
import type { ChartGroup } from './catalogue.ts';
import type { Line } from './chart-card.tsx';
import type { Plot, PlotData } from './plot.ts';

export interface PlotAreaProps {
  readonly group: ChartGroup;
  readonly lines: readonly Line[];
  readonly data: ReadonlySignal<PlotData>;
  readonly hidden: ReadonlySet<string>;
  /** Row under the pointer or chosen by keyboard. */
  readonly cursor: Signal<number | undefined>;
}

/** Rows a key moves the cursor by; `undefined` when the key is not ours. */
function nextRow(key: string, row: number | undefined, last: number): number | undefined {
  const from = row ?? last;
  const moves: Record<string, number> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    PageUp: from - 10,
    PageDown: from + 10,
    Home: 0,
    End: last,
  };
  const to = moves[key];
  return to === undefined ? undefined : Math.min(last, Math.max(0, to));
}

function spokenRow(row: number, times: readonly number[], lines: readonly Line[]): string {
  const values = lines.map(({ title, unit, values: column }) => `${title} ${quantityText(column[row], unit)}`).join(', ');
  return `${clockText((times[row] ?? 0) * 1000)}: ${values}`;
}

/** The canvas, drawn by code that is loaded only when the first chart is; the arrow keys move a cursor whose values are read out. */
export function PlotArea({ group, lines, data, hidden, cursor }: PlotAreaProps): JSX.Element {
  const { range, theme, history } = useDashboard();
  const host = useRef<HTMLDivElement>(null);
  const plot = useSignal<Plot | undefined>(undefined);
  const shape = `${lines.map(({ name, unit }) => `${name}/${unit}`).join()}#${theme.revision.value}`;
  useEffect(() => {
    if (host.current === null || lines.length === 0) return undefined;
    let made: Plot | undefined;
    let isGone = false;
    void import('./plot.ts').then(({ Plot }) => {
      if (isGone || host.current === null) return;
      const options = { titles: lines.map(({ title }) => title), unit: lines[0]?.unit ?? group.unit, top: group.top };
      made = new Plot(host.current, { ...options, onCursor: (row) => (cursor.value = row) }, data.peek());
      plot.value = made;
    });
    return () => {
      isGone = true;
      plot.value = undefined;
      made?.[Symbol.dispose]();
    };
  }, [shape]);
  useSignalEffect(() => {
    const points = data.value;
    const to = points[0].at(-1);
    if (plot.value !== undefined && to !== undefined) plot.value.draw(points, [to - range.value.seconds, to]);
  });
  useEffect(() => {
    for (const [index, { name }] of lines.entries()) plot.value?.show(index, !hidden.has(name));
  }, [hidden, plot.value]);

  const times = data.value[0];
  const last = times.length - 1;
  const row = Math.min(cursor.value ?? last, last);
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = nextRow(event.key, cursor.value, last);
    if (event.key === 'Escape') plot.value?.point(undefined);
    if (to === undefined || last < 0) return;
    event.preventDefault();
    plot.value?.point(to);
  };
  if (lines.length === 0) {
    const text = {
      loading: 'Loading history …',
      ready: 'No data in this range yet.',
      failed: 'History could not be loaded; live points follow.',
    };
    return <p class="plot-blank">{text[history.state.value]}</p>;
  }
  return (
    <div
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={`${group.title} chart: time cursor`}
      aria-valuemin={0}
      aria-valuemax={Math.max(last, 0)}
      aria-valuenow={Math.max(row, 0)}
      aria-valuetext={last < 0 ? 'no data' : spokenRow(row, times, lines)}
      onKeyDown={onKeyDown}
      onBlur={() => plot.value?.point(undefined)}
      ref={host}
    />
  );
}
