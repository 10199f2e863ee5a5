import type { Labels, MetricMeta, VectorSample } from '@bellwether/monitor/engine';
import { valueText } from './value-view.ts';

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeValue = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');
const COUNTER_NAME = /_(bucket|count|sum|total)$/;

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) => (name === '__name__' ? [] : [`${name}="${escapeValue(value)}"`]));
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/**
 * Samples in Prometheus's text format 0.0.4, by metric. A histogram's parts are shown as the counters they are, since a gauge of the
 * histogram's own name stands beside them.
 */
export function expositionText(samples: readonly VectorSample[], metadata: ReadonlyMap<string, MetricMeta>): string {
  const lines: string[] = [];
  for (const [name, series] of Map.groupBy(samples, (sample) => sample.labels['__name__'] ?? '')) {
    const meta = metadata.get(name);
    const isCounter =
      meta === undefined ? COUNTER_NAME.test(name) : meta.kind === 'counter' || (meta.kind === 'histogram' && COUNTER_NAME.test(name));
    if (meta !== undefined && meta.help !== '') lines.push(`# HELP ${name} ${escapeHelp(meta.help)}`);
    lines.push(`# TYPE ${name} ${isCounter ? 'counter' : 'gauge'}`);
    for (const { labels, value } of series) lines.push(`${name}${labelText(labels)} ${valueText(value)}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
