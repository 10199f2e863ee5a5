import type { Labels } from '../model/labels.ts';

/**
 * `name{label="value",…}` with values escaped. Without an `instance` label `instance=""` is added: the own process, and not
 * everybody who pushes here as well.
 */
export function selectorText(name: string, labels: Labels): string {
  const owned = labels['instance'] === undefined ? { instance: '', ...labels } : labels;
  const matchers = Object.entries(owned).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${matchers.join(',')}}`;
}

/** A duration as PromQL writes it: `90s`. @param ms rounded to whole seconds, at least one. */
export function durationText(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

/** Mean time of a timer's calls over the window, in ms. */
export function meanTimeText(timer: string, labels: Labels, windowMs: number): string {
  const window = durationText(windowMs);
  return `sum(rate(${selectorText(`${timer}_sum`, labels)}[${window}])) / sum(rate(${selectorText(`${timer}_count`, labels)}[${window}]))`;
}

/** Calls per second of a timer over the window. */
export function callRateText(timer: string, labels: Labels, windowMs: number): string {
  return `sum(rate(${selectorText(`${timer}_count`, labels)}[${durationText(windowMs)}]))`;
}

/** 95th percentile of a timer over the window, in ms. */
export function p95Text(timer: string, labels: Labels, windowMs: number): string {
  return `histogram_quantile(0.95, sum by (le) (rate(${selectorText(`${timer}_bucket`, labels)}[${durationText(windowMs)}])))`;
}

/** Median of a gauge over the window. */
export function gaugeText(name: string, labels: Labels, windowMs: number): string {
  return `quantile_over_time(0.5, ${selectorText(name, labels)}[${durationText(windowMs)}])`;
}
