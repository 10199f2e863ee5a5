import type { Labels, MetricMeta } from '@bellwether/monitor/engine';
import { valueText } from './value-view.ts';

/** Prometheus's text format 0.0.4, or OpenMetrics 1.0.0. */
export type ExpositionFormat = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};
export const OPENMETRICS_END = '# EOF\n';

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const NEEDS_ESCAPE = /[\\\n"]/;

/** Rarely anything is to be escaped, and three replacements of every value would be most of the time it takes to write one. */
function escapeValue(text: string): string {
  return NEEDS_ESCAPE.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}

/**
 * The format that an Accept header prefers: OpenMetrics where it is named with at least the weight of plain text (as Prometheus does), else plain text.
 * A version we do not write is plain text.
 */
export function negotiateFormat(accept: string | null): ExpositionFormat {
  let [openMetrics, text] = [0, 0];
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const of = (name: string): string | undefined =>
      parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
    const weight = Number(of('q') ?? 1);
    const version = of('version');
    if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0'))
      openMetrics = Math.max(openMetrics, weight);
    if (type === 'text/plain' || type === 'text/*') text = Math.max(text, weight);
  }
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'text';
}

const COUNTER_NAME = /_(bucket|count|sum|total)$/;

/** The lines that come before a metric's samples. `isTaken`: whether another metric has a name, for OpenMetrics names a counter without `_total`. */
export function familyHead(
  name: string,
  meta: MetricMeta | undefined,
  { format, isTaken }: { readonly format: ExpositionFormat; readonly isTaken: (name: string) => boolean },
): string {
  // A histogram's parts are shown as the counters they are, since a gauge of the histogram's own name stands beside them.
  const isCounter =
    meta === undefined ? COUNTER_NAME.test(name) : meta.kind === 'counter' || (meta.kind === 'histogram' && COUNTER_NAME.test(name));
  const help = meta === undefined || meta.help === '' ? '' : meta.help;
  if (format === 'text')
    return `${help === '' ? '' : `# HELP ${name} ${escapeHelp(help)}\n`}# TYPE ${name} ${isCounter ? 'counter' : 'gauge'}\n`;
  const family = name.replace(/_total$/, '');
  const isNamedSo = isCounter && family !== name && !isTaken(family);
  const shown = isNamedSo ? family : name;
  const type = isNamedSo ? 'counter' : isCounter ? 'unknown' : 'gauge';
  return `# TYPE ${shown} ${type}\n${help === '' ? '' : `# HELP ${shown} ${escapeHelp(help).replaceAll('"', '\\"')}\n`}`;
}

/** One line of a sample. */
export function sampleLine(name: string, labels: Labels, value: number): string {
  let text = name;
  let separator = '{';
  for (const label in labels) {
    text += separator + label + '="' + escapeValue(labels[label] as string) + '"';
    separator = ',';
  }
  return text + (separator === '{' ? ' ' : '} ') + valueText(value) + '\n';
}
