import { seriesKey, type Labels } from '../../model/labels.ts';
import type { IncomingSeries } from '../../model/metric.ts';
import type { VectorSample } from '../../query/query-engine.ts';
import { writeStaleAt } from '../../query/context/stale-marker.ts';
import type { RecordingRule } from '../../rules/groups/rule-group.ts';
import type { RuleAlerts } from '../state/alert-book.ts';
import { activeSince, isActive } from '../state/next-state.ts';
import { RuleFault } from './evaluate-alerting.ts';

/** One sample that a rule yields. */
export interface RuleSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What a recording rule records. @throws RuleFault for two results with the same labels, or too many */
export function recordedSamples(rule: RecordingRule, samples: readonly VectorSample[], limit: number): RuleSample[] {
  const seen = new Set<string>();
  const recorded = samples.map(({ labels: own, value }) => {
    const { __name__: _, ...labels } = { ...own, ...rule.labels };
    const kept = Object.values(rule.labels).includes('')
      ? Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ''))
      : labels;
    seen.add(seriesKey('', kept));
    return { name: rule.record, labels: kept, value };
  });
  if (seen.size < recorded.length) throw new RuleFault('vector contains metrics with the same labelset after applying rule labels');
  if (limit > 0 && recorded.length > limit) throw new RuleFault(`exceeded limit of ${limit} with ${recorded.length} series`);
  return recorded;
}

/** `ALERTS` and `ALERTS_FOR_STATE`, as Prometheus writes them of every pending and firing alert. */
export function alertSamples(alerts: RuleAlerts): RuleSample[] {
  return [...alerts.values()].flatMap(({ metricName, labels, state }) => {
    const named = { ...labels, alertname: metricName };
    return [
      { name: 'ALERTS', labels: { ...named, alertstate: isActive(state) ? 'firing' : 'pending' }, value: 1 },
      { name: 'ALERTS_FOR_STATE', labels: named, value: Math.floor((activeSince(state) ?? 0) / 1000) },
    ];
  });
}

/** The series a rule wrote last time, so that the end of one is marked. */
export type WrittenSeries = ReadonlyMap<string, RuleSample>;

/** Samples at one instant, and a staleness marker for each series of before that is not among them. */
export function withStaleMarkers(
  samples: readonly RuleSample[],
  before: WrittenSeries,
  atMs: number,
): { readonly series: readonly IncomingSeries[]; readonly written: WrittenSeries } {
  const timesMs = Float64Array.of(atMs);
  const written = new Map(samples.map((sample) => [seriesKey(sample.name, sample.labels), sample]));
  const stale = new Float64Array(1);
  writeStaleAt(stale, 0);
  const ended = [...before].filter(([key]) => !written.has(key)).map(([, { name, labels }]) => ({ name, labels, timesMs, values: stale }));
  const present = samples.map(({ name, labels, value }) => ({ name, labels, timesMs, values: Float64Array.of(value) }));
  return { series: [...present, ...ended], written };
}
