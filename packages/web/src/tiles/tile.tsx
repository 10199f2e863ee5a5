import type { JSX } from 'preact';
import { SeverityBadge } from '../alerts/severity.tsx';
import type { KnownMetric } from '../charts/catalogue.ts';
import { quantity, quantityText } from '../format/number.ts';
import { useDashboard } from '../state/context.ts';
import { Sparkline } from './sparkline.tsx';

/** One headline metric: its value now, its spread over the trailing hour, and how it went. */
export function Tile({ metric }: { readonly metric: KnownMetric }): JSX.Element {
  const { frame, history, layout } = useDashboard();
  const Bar = layout.ui.value?.Bar;
  const summary = frame.value?.summary[metric.name];
  const alert = frame.value?.alerts.find(({ metric_name }) => metric_name === metric.name);
  const unit = summary?.unit ?? metric.unit;
  const { digits, unit: scale } = quantity(summary?.current, unit);
  const isAbsent = frame.value !== undefined && summary === undefined;
  return (
    <li
      data-area="tiles"
      data-part={metric.name}
      draggable={Bar !== undefined}
      class={`tile ${alert === undefined ? '' : `tile-${alert.severity}`} ${isAbsent ? 'tile-absent' : ''}`}
    >
      {Bar !== undefined && <Bar area="tiles" part={metric.name} title={`${metric.title} tile`} />}
      <h3>
        {metric.title} {alert !== undefined && <SeverityBadge level={alert.severity} hidesWord />}
      </h3>
      <p class="tile-value">
        <span class="tile-digits">{digits}</span> <span class="tile-unit">{scale}</span>
      </p>
      {summary !== undefined && (
        <p class="tile-spread" title="Over the trailing hour">
          <span>avg {quantityText(summary.average, unit)}</span>
          <span>max {quantityText(summary.max, unit)}</span>
        </p>
      )}
      {isAbsent && <p class="tile-spread">{metric.absent}</p>}
      <Sparkline values={history.table.value.columns.get(metric.name) ?? []} />
    </li>
  );
}
