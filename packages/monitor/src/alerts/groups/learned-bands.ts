import { learnedUpperLimit } from '../../analyse/learned-threshold.ts';
import { seriesKey, type Labels } from '../../model/labels.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import type { AlertingRule } from '../../rules/groups/rule-group.ts';

/** Limits move slowly: looked up again only this often. */
const REFRESH_MS = 60_000;
const POINTS = 360;
const SHORTEST_STEP_MS = 1000;

interface Known {
  readonly limits: ReadonlyMap<string, number>;
  readonly refreshAtMs: number;
}

/** Learned limits of the series of dynamic rules: one range query a rule and minute over its own trailing window. */
export class LearnedBands {
  readonly #query: QueryEngine;
  readonly #known = new Map<string, Known>();

  constructor(query: QueryEngine) {
    this.#query = query;
  }

  /** @param intervalMs between the rule's evaluations. Rejects with what the query rejects with. */
  async of(rule: AlertingRule, atMs: number, intervalMs: number): Promise<(labels: Labels) => number | undefined> {
    const { dynamic } = rule.extensions;
    if (dynamic === undefined) return () => undefined;
    const known = this.#known.get(rule.id);
    const limits = known !== undefined && atMs < known.refreshAtMs ? known.limits : await this.#learn(rule, dynamic, { atMs, intervalMs });
    return (labels) => limits.get(seriesKey('', labels));
  }

  /** Forgets rules that are no longer evaluated. */
  keepOnly(ruleIds: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!ruleIds.has(id)) this.#known.delete(id);
  }

  async #learn(
    rule: AlertingRule,
    { windowMs, deviations, minimum }: NonNullable<AlertingRule['extensions']['dynamic']>,
    { atMs, intervalMs }: { readonly atMs: number; readonly intervalMs: number },
  ): Promise<ReadonlyMap<string, number>> {
    const stepMs = Math.max(SHORTEST_STEP_MS, Math.min(intervalMs, windowMs / 60), windowMs / POINTS);
    // The value to be judged must not teach its own limit.
    const { value } = await this.#query.range(rule.expr, { fromMs: atMs - windowMs, toMs: atMs - stepMs, stepMs });
    const limits = new Map<string, number>();
    for (const { labels, values } of value.type === 'matrix' ? value.series : []) {
      const limit = learnedUpperLimit(values.filter(Number.isFinite), { deviations, absoluteFloor: minimum });
      if (limit !== undefined) limits.set(seriesKey('', labels), limit);
    }
    this.#known.set(rule.id, { limits, refreshAtMs: atMs + REFRESH_MS });
    return limits;
  }
}
