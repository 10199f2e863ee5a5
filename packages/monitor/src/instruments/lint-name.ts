/**
 * Prometheus's conventions for names, judged once at registration: a fault never keeps a metric from being recorded, it is told to whoever
 * wrote it. The names of the catalogue and of custom metrics (`recordCustomMetric`) are allowed as given.
 * Source: https://prometheus.io/docs/practices/naming/ and `promtool check metrics`.
 */
import { METRICS } from './catalogue.ts';

/** Units that are not base units, and the base unit to use. */
const BASE_OF: Readonly<Record<string, string>> = {
  milliseconds: 'seconds',
  microseconds: 'seconds',
  nanoseconds: 'seconds',
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  kilobytes: 'bytes',
  megabytes: 'bytes',
  gigabytes: 'bytes',
  bits: 'bytes',
};
const PARTS_OF_HISTOGRAMS = /_(bucket|count|sum)$/;
const CAMEL_CASE = /[a-z][A-Z]/;

export type LintedKind = 'counter' | 'gauge' | 'histogram' | 'rate';

/** Sentences that say what is wrong with a name; empty when it follows the conventions. */
export function lintName(name: string, kind: LintedKind): readonly string[] {
  if (METRICS[name] !== undefined) return [];
  const faults: string[] = [];
  if (kind === 'counter' && !name.endsWith('_total')) faults.push('a counter ends in "_total"');
  if (kind !== 'counter' && name.endsWith('_total')) faults.push('only a counter ends in "_total"');
  if (PARTS_OF_HISTOGRAMS.test(name)) faults.push('"_bucket", "_count" and "_sum" are the parts of histograms');
  if (CAMEL_CASE.test(name)) faults.push('words are separated by "_", not by capitals');
  if (name.includes(':')) faults.push('":" is for recording rules');
  for (const word of name.split('_')) {
    const base = BASE_OF[word.toLowerCase()];
    if (base !== undefined) faults.push(`use the base unit "${base}" instead of "${word}"`);
  }
  return faults;
}
