import { seriesKey, type Labels } from '../../model/labels.ts';
import type { IncomingSeries } from '../../model/metric.ts';
import type { VectorSample } from '../../query/query-engine.ts';
import { writeStaleAt } from '../../model/stale-marker.ts';
import type { RecordingRule } from '../../rules/groups/rule-group.ts';
import type { RuleAlerts, RuleOutcome } from '../state/rule-outcome.ts';
import { activeSince, isActive } from '../state/next-state.ts';
import type { TrackedAlert } from '../state/tracked-alert.ts';
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

/** What an evaluation made different. */
type RuleDifference = Pick<RuleOutcome, 'written' | 'ended'>;

/**
 * `ALERTS` and `ALERTS_FOR_STATE` at one instant, as Prometheus writes them of every pending and firing alert, and staleness markers for those that
 * the alerts of before had and the present ones have not. What was written is told by the alerts themselves, so that nothing beside them is remembered.
 */
export function* alertSeries(before: RuleAlerts, { written, ended }: RuleDifference, atMs: number): Generator<IncomingSeries> {
  const timesMs = Float64Array.of(atMs);
  const one = Float64Array.of(1);
  const stale = new Float64Array(1);
  writeStaleAt(stale, 0);
  const stateOf = (alert: TrackedAlert, values: Float64Array): IncomingSeries => {
    const alertstate = isActive(alert.state) ? 'firing' : 'pending';
    return { name: 'ALERTS', labels: { ...namedLabels(alert), alertstate }, timesMs, values };
  };
  const since = (alert: TrackedAlert, values: Float64Array): IncomingSeries => {
    return { name: 'ALERTS_FOR_STATE', labels: namedLabels(alert), timesMs, values };
  };
  const now = new Map(written.map((alert) => [alert.key, alert]));
  const gone = new Set(ended.map(({ key }) => key));
  for (const [key, known] of before) {
    const alert = now.get(key) ?? (gone.has(key) ? undefined : known);
    if (alert !== undefined) {
      yield stateOf(alert, one);
      yield since(alert, Float64Array.of(Math.floor((activeSince(alert.state) ?? 0) / 1000)));
    } else yield since(known, stale);
    if (alert === undefined || isActive(alert.state) !== isActive(known.state)) yield stateOf(known, stale);
  }
  for (const alert of written) {
    if (before.has(alert.key)) continue;
    yield stateOf(alert, one);
    yield since(alert, Float64Array.of(Math.floor((activeSince(alert.state) ?? 0) / 1000)));
  }
}

function namedLabels({ labels, metricName }: TrackedAlert): Labels {
  return { ...labels, alertname: metricName };
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
