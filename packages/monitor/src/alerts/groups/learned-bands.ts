import { learnedBand, type LearnedBand } from '../../analyse/learned-threshold.ts';
import { seriesKey, type Labels } from '../../model/labels.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import type { AlertingRule } from '../../rules/groups/rule-group.ts';

/** Limits move slowly: looked up again only this often. */
const REFRESH_MS = 60_000;
const POINTS = 360;
const SHORTEST_STEP_MS = 1000;

interface Known {
  readonly expr: string;
  readonly bands: ReadonlyMap<string, LearnedBand>;
  readonly refreshAtMs: number;
}

/** Learned bands of the series of dynamic rules: one range query a rule and minute over its own trailing window. */
export class LearnedBands {
  readonly #query: QueryEngine;
  readonly #known = new Map<string, Known>();

  constructor(query: QueryEngine) {
    this.#query = query;
  }

  /** @param intervalMs between the rule's evaluations. Rejects with what the query rejects with. */
  async of(rule: AlertingRule, atMs: number, intervalMs: number): Promise<(labels: Labels) => LearnedBand | undefined> {
    const { dynamic } = rule.extensions;
    if (dynamic === undefined) return () => undefined;
    const known = this.#known.get(rule.id);
    // What another expression gave is not this one's usual.
    const isKnown = known?.expr === rule.expr && atMs < known.refreshAtMs;
    const bands = isKnown ? known.bands : await this.#learn(rule, dynamic, { atMs, intervalMs });
    return (labels) => bands.get(seriesKey('', labels));
  }

  /** Forgets rules that are no longer evaluated. */
  keepOnly(ruleIds: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!ruleIds.has(id)) this.#known.delete(id);
  }

  async #learn(
    rule: AlertingRule,
    { windowMs, deviations, minimum }: NonNullable<AlertingRule['extensions']['dynamic']>,
    { atMs, intervalMs }: { readonly atMs: number; readonly intervalMs: number },
  ): Promise<ReadonlyMap<string, LearnedBand>> {
    const stepMs = Math.max(SHORTEST_STEP_MS, Math.min(intervalMs, windowMs / 60), windowMs / POINTS);
    // The value to be judged must not teach its own band.
    const { value } = await this.#query.range(rule.expr, { fromMs: atMs - windowMs, toMs: atMs - stepMs, stepMs });
    const bands = new Map<string, LearnedBand>();
    for (const { labels, values } of value.type === 'matrix' ? value.series : []) {
      const band = learnedBand(values.filter(Number.isFinite), { deviations, absoluteFloor: minimum });
      if (band !== undefined) bands.set(seriesKey('', labels), band);
    }
    this.#known.set(rule.id, { expr: rule.expr, bands, refreshAtMs: atMs + REFRESH_MS });
    return bands;
  }
}
