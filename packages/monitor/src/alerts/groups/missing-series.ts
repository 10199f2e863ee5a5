import { seriesKey, type Labels } from '../../model/labels.ts';
import type { QueryEngine, VectorSample } from '../../query/query-engine.ts';
import type { AlertingRule } from '../../rules/groups/rule-group.ts';

/** Series remembered of one rule; what comes beyond is judged like any other, but not missed. */
const MOST_SERIES = 10_000;
const POINTS = 60;

interface Seen {
  readonly labels: Labels;
  readonly atMs: number;
}

/**
 * Which series of a rule's expression were there a while ago and are gone. Remembered from one evaluation to the next; the first one asks the stored
 * history, so that a series which ended while nobody looked is missed, too.
 */
export class MissingSeries {
  readonly #query: QueryEngine;
  readonly #seen = new Map<string, { readonly expr: string; readonly series: Map<string, Seen> }>();

  constructor(query: QueryEngine) {
    this.#query = query;
  }

  /** @param samples what the expression gives now. Rejects with what the query rejects with. */
  async of(
    rule: AlertingRule,
    samples: readonly VectorSample[],
    at: { readonly atMs: number; readonly intervalMs: number },
  ): Promise<readonly Labels[]> {
    const { missingSeriesMs: windowMs } = rule.extensions;
    if (windowMs === undefined) return [];
    const { expr } = rule;
    const known = this.#seen.get(rule.id);
    // What another expression gave is not missed.
    const seen = known?.expr === expr ? known.series : await this.#ask(rule, windowMs, at);
    this.#seen.set(rule.id, { expr, series: seen });
    const present = new Set<string>();
    for (const { labels } of samples) {
      const key = seriesKey('', labels);
      present.add(key);
      if (seen.has(key) || seen.size < MOST_SERIES) seen.set(key, { labels, atMs: at.atMs });
    }
    const missing: Labels[] = [];
    for (const [key, { labels, atMs }] of seen) {
      if (present.has(key)) continue;
      if (at.atMs - atMs < windowMs) missing.push(labels);
      else seen.delete(key);
    }
    return missing;
  }

  /** Forgets rules that are no longer evaluated. */
  keepOnly(ruleIds: ReadonlySet<string>): void {
    for (const id of this.#seen.keys()) if (!ruleIds.has(id)) this.#seen.delete(id);
  }

  async #ask(
    rule: AlertingRule,
    windowMs: number,
    { atMs, intervalMs }: { readonly atMs: number; readonly intervalMs: number },
  ): Promise<Map<string, Seen>> {
    const stepMs = Math.max(intervalMs, windowMs / POINTS);
    const { value } = await this.#query.range(rule.expr, { fromMs: atMs - windowMs, toMs: atMs, stepMs });
    const series = value.type === 'matrix' ? value.series.slice(0, MOST_SERIES) : [];
    return new Map(series.map(({ labels, timesMs }) => [seriesKey('', labels), { labels, atMs: timesMs.at(-1) ?? 0 }]));
  }
}
