import type { AlertRecord } from '../../../alerts/alerting.ts';
import type { DayResult } from './day.ts';
import { SOURCE, TARGET } from './shape.ts';

/** Whether a silence holds for the alert at that moment, by what people asked for. */
export function coveredBy({ silences }: DayResult, { labels }: AlertRecord, atMs: number): boolean {
  return silences.some(({ instance, fromMs, toMs }) => instance === labels['instance'] && fromMs <= atMs && atMs < toMs);
}

/** Whether an alert that explains it fires at that moment. */
export function isExplained({ alerts, shape }: DayResult, { metricName, labels }: AlertRecord, atMs: number): boolean {
  if (shape.inhibitRules.length === 0 || metricName !== TARGET) return false;
  return alerts.some(
    (other) =>
      other.metricName === SOURCE &&
      other.labels['instance'] === labels['instance'] &&
      other.firedAtMs <= atMs &&
      atMs < (other.resolvedAtMs ?? Infinity),
  );
}

/** Whether the clock was set while the alert fired, or so near to it that times cannot be compared. */
export function livedThroughJump({ jumps }: DayResult, { firedAtMs, resolvedAtMs = Infinity }: AlertRecord): boolean {
  return jumps.some(({ fromMs, toMs }) => toMs >= firedAtMs && fromMs <= resolvedAtMs);
}
