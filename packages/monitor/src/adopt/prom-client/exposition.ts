import { labelText, type GivenLabels } from './label-table.ts';
import type { MetricObject, MetricValue } from './metric-object.ts';

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** As prom-client writes numbers; Prometheus reads `Nan` as NaN. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'Nan';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  return String(value);
}

function pairs(labels: GivenLabels): string[] {
  return Object.entries(labels).map(
    ([name, value]) => `${name}="${typeof value === 'string' ? escaped(value).replaceAll('"', '\\"') : labelText(value)}"`,
  );
}

export interface ContentOptions {
  readonly isOpenMetrics: boolean;
  readonly defaultLabels: GivenLabels;
}

function line(metric: MetricObject, value: MetricValue, { isOpenMetrics, defaultLabels }: ContentOptions): string {
  const { labels, sharedLabels = {}, exemplar } = value;
  const own = { ...labels, ...defaultLabels, ...labels };
  // Shared labels come last, and win.
  const parts = [
    ...pairs(Object.fromEntries(Object.entries(own).filter(([name]) => !Object.hasOwn(sharedLabels, name)))),
    ...pairs(sharedLabels),
  ];
  const name = value.metricName ?? metric.name;
  let text = `${isOpenMetrics && metric.type === 'counter' ? `${name}_total` : name}${parts.length > 0 ? `{${parts.join(',')}}` : ''} ${numberText(value.value)}`;
  if (isOpenMetrics && exemplar !== undefined)
    text += ` # {${pairs(exemplar.labelSet).join(',')}} ${numberText(exemplar.value)} ${exemplar.timestamp}`;
  return text;
}

/** The text of prom-client 15.1.3: format 0.0.4 with an empty line between metrics, or OpenMetrics 1.0.0. */
export function contentText(metrics: readonly MetricObject[], options: ContentOptions): string {
  const texts = metrics.map((given) => {
    const metric = options.isOpenMetrics && given.type === 'counter' ? { ...given, name: given.name.replace(/_total$/, '') } : given;
    const head = [`# HELP ${metric.name} ${escaped(metric.help)}`, `# TYPE ${metric.name} ${metric.type}`];
    return [...head, ...metric.values.map((value) => line(metric, value, options))].join('\n');
  });
  return options.isOpenMetrics ? `${texts.join('\n')}\n# EOF\n` : `${texts.join('\n\n')}\n`;
}
