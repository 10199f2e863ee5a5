import type { JSX } from 'preact';
import { useDashboard } from '../state/context.ts';
import { visibleKeys } from '../arrange/arrangement.ts';
import { metricTitle } from '../format/name.ts';
import { CHART_GROUPS, type ChartGroup } from './catalogue.ts';
import { ChartCard } from './chart-card.tsx';
import { RANGES } from './range.ts';

function RangePicker(): JSX.Element {
  const { range, chooseRange } = useDashboard();
  return (
    <fieldset class="segments">
      <legend class="sr-only">Time range of the charts</legend>
      {RANGES.map(({ key, title }) => (
        <label key={key} title={title}>
          <input type="radio" name="range" value={key} checked={range.value.key === key} onChange={() => chooseRange(key)} />
          <span>{key}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A chart of one metric that has none by nature. */
function ownGroup(name: string): ChartGroup {
  return { key: name, title: metricTitle(name), unit: '', metrics: [name] };
}

/** All charts of known metrics that have data and those the user added, in the user's order, under one time range. */
export function ChartGrid(): JSX.Element {
  const { history, layout } = useDashboard();
  const { columns } = history.table.value;
  const isEmpty = columns.size === 0;
  const groups = isEmpty ? CHART_GROUPS.slice(0, 4) : CHART_GROUPS.filter(({ metrics }) => metrics.some((name) => columns.has(name)));
  const all = [...groups, ...layout.ownCharts.map(ownGroup)];
  const keys = all.map(({ key }) => key);
  layout.setParts('charts', keys);
  const shown = visibleKeys(keys, layout.arrangement('charts')).flatMap((key) => all.find((group) => group.key === key) ?? []);
  return (
    <section class="charts-section" aria-labelledby="charts-title" id="charts">
      <header class="section-head">
        <h2 id="charts-title">Charts</h2>
        <RangePicker />
      </header>
      <div class="charts">
        {shown.map((group) => (
          <ChartCard key={group.key} group={group} />
        ))}
      </div>
    </section>
  );
}
