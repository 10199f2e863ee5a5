import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { MetricSummary } from '@bellwether/server/api';
import { knownMetric } from '../charts/catalogue.ts';
import { quantityText } from '../format/number.ts';
import { useDashboard } from '../state/context.ts';
import { Blank, Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { sortRows, type SortKey } from './sort-rows.ts';

const COLUMNS: readonly (readonly [SortKey, string])[] = [
  ['name', 'Metric'],
  ['current', 'Now'],
  ['average', 'Average'],
  ['min', 'Min'],
  ['max', 'Max'],
];

function Row({ name, metric }: { readonly name: string; readonly metric: MetricSummary }): JSX.Element {
  const { layout, history } = useDashboard();
  const isCharted = layout.ownCharts.includes(name);
  const toggle = (): void => {
    layout.toggleChart(name);
    void history.load();
  };
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      {(['current', 'average', 'min', 'max'] as const).map((key) => (
        <td key={key} class="number">
          {quantityText(metric[key], metric.unit)}
        </td>
      ))}
      <td class="number">
        <button
          type="button"
          class="quiet"
          aria-pressed={isCharted}
          aria-label={`Chart ${name}`}
          title={isCharted ? 'Remove its chart' : 'Add a chart'}
          onClick={toggle}
        >
          <Icon name={isCharted ? 'check' : 'line'} />
        </button>
      </td>
    </tr>
  );
}

/** Every metric that has no tile: the application's own and the collected rest, over the trailing hour. */
export function MetricTable(): JSX.Element {
  const { frame } = useDashboard();
  const filter = useSignal('');
  const sort = useSignal<{ key: SortKey; descending: boolean }>({ key: 'name', descending: false });
  const summary = frame.value?.summary;
  const all = Object.entries(summary ?? {}).filter(([name]) => knownMetric(name) === undefined);
  const wanted = filter.value.trim().toLowerCase();
  const rows = sortRows(
    all.filter(([name]) => name.toLowerCase().includes(wanted)),
    sort.value,
  );
  const sortBy = (key: SortKey): void => {
    sort.value = { key, descending: sort.value.key === key ? !sort.value.descending : key !== 'name' };
  };
  const direction = (key: SortKey): 'ascending' | 'descending' | 'none' =>
    sort.value.key !== key ? 'none' : sort.value.descending ? 'descending' : 'ascending';
  const search = (
    <label class="search">
      <span class="sr-only">Filter metrics by name</span>
      <input
        type="search"
        placeholder="Filter by name"
        value={filter.value}
        onInput={(event) => (filter.value = event.currentTarget.value)}
      />
    </label>
  );
  return (
    <Card id="metrics" title="All other metrics" aside={search}>
      {summary === undefined && <Loading lines={4} label="Loading metrics" />}
      {summary !== undefined && all.length === 0 && (
        <Blank icon="line" title="No custom metrics yet">
          Record one with <code>performanceMonitor.recordCustomMetric('orders', 1, 'count')</code>.
        </Blank>
      )}
      {all.length > 0 && rows.length === 0 && <p class="muted">No metric has “{filter.value}” in its name.</p>}
      {rows.length > 0 && (
        <div class="scroll metric-scroll" role="region" aria-label="Metrics" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {COLUMNS.map(([key, title]) => (
                  <th key={key} scope="col" class={key === 'name' ? '' : 'number'} aria-sort={direction(key)}>
                    <button type="button" class="quiet" onClick={() => sortBy(key)}>
                      {title}
                      <span class="sort-mark" aria-hidden="true">
                        {direction(key) === 'none' ? '' : direction(key) === 'ascending' ? ' ↑' : ' ↓'}
                      </span>
                    </button>
                  </th>
                ))}
                <th scope="col" class="number">
                  Chart
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([name, metric]) => (
                <Row key={name} name={name} metric={metric} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
