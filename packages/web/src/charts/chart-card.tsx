import { useComputed, useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useDashboard } from '../state/context.ts';
import { Icon } from '../ui/icon.tsx';
import { Later } from '../ui/later.tsx';
import { knownMetric, type ChartGroup } from './catalogue.ts';
import { metricTitle } from '../format/name.ts';
import { ChartLegend } from './chart-legend.tsx';
import type { ChartTableProps } from './chart-table.tsx';
import { lineSentence } from './chart-words.ts';
import { PlotArea } from './plot-area.tsx';
import type { PlotData } from './plot.ts';

const loadTable = (): Promise<ComponentType<ChartTableProps>> => import('./chart-table.tsx').then(({ ChartTable }) => ChartTable);

/** One line of a chart as its parts need it. */
export interface Line {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
}

/** One chart with its legend, text alternative and table twin. */
export function ChartCard({ group }: { readonly group: ChartGroup }): JSX.Element {
  const { history, frame, range, layout } = useDashboard();
  const Bar = layout.ui.value?.Bar;
  const showsTable = useSignal(false);
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const cursor = useSignal<number | undefined>(undefined);
  const table = history.table.value;
  const lines = group.metrics
    .filter((name) => table.columns.has(name))
    .map((name): Line => {
      const unit = frame.value?.summary[name]?.unit ?? knownMetric(name)?.unit ?? group.unit;
      return { name, unit, title: knownMetric(name)?.short ?? metricTitle(name), values: table.columns.get(name) ?? [] };
    });
  const data = useComputed<PlotData>(() => {
    const { timesSeconds, columns } = history.table.value;
    return [timesSeconds, ...group.metrics.filter((name) => columns.has(name)).map((name) => columns.get(name) ?? [])];
  });
  const id = `chart-${group.key}`;
  const toggle = (name: string): void => {
    const next = new Set(hidden.value);
    if (!next.delete(name)) next.add(name);
    hidden.value = next;
  };
  return (
    <section class="card chart" aria-labelledby={`${id}-title`} data-area="charts" data-part={group.key} draggable={Bar !== undefined}>
      {Bar !== undefined && <Bar area="charts" part={group.key} title={`${group.title} chart`} />}
      <header class="card-head">
        <h3 id={`${id}-title`}>{group.title}</h3>
        <button type="button" class="quiet" aria-pressed={showsTable.value} onClick={() => (showsTable.value = !showsTable.value)}>
          <Icon name={showsTable.value ? 'line' : 'table'} />
          <span class="sr-only">{`${group.title} as a table`}</span>
        </button>
      </header>
      <ChartLegend lines={lines} hidden={hidden.value} row={cursor.value} onToggle={toggle} />
      {showsTable.value ? (
        <Later load={loadTable} props={{ title: group.title, timesSeconds: table.timesSeconds, lines }} />
      ) : (
        <PlotArea group={group} lines={lines} data={data} hidden={hidden.value} cursor={cursor} />
      )}
      <p class="chart-words sr-only">
        {`${group.title}, ${range.value.title}: `}
        {lines.map(({ title, values, unit }) => lineSentence(title, values, unit)).join(' ')}
      </p>
    </section>
  );
}
