import { severityBreakdown, type Category, type Priority, type Recommendation as Advice } from '@bellwether/monitor/engine';
import type { Recommendation, RecommendationList } from '../api-types.ts';
import { isoTime } from './time-view.ts';

export function recommendationView(advice: Advice): Recommendation {
  const { gain } = advice;
  return {
    id: advice.id,
    category: advice.category,
    priority: advice.priority,
    resource: advice.resource,
    title: advice.title,
    description: advice.description,
    impact: advice.impact,
    effort: advice.effort,
    implementation: advice.implementation,
    evidence: advice.evidence.map((fact) => ({
      statement: fact.statement,
      expression: fact.expression ?? null,
      value: fact.value ?? null,
      unit: fact.unit ?? null,
    })),
    expected_gain:
      gain === undefined
        ? null
        : { metric: gain.metric, lower_percent: gain.lowerPercent, upper_percent: gain.upperPercent, model: gain.model },
    verification: advice.verification,
    labels: advice.labels,
    created_at: isoTime(advice.createdAtMs),
  };
}

/** @param filter lists only what fits both; the breakdown covers all. */
export function recommendationListView(
  all: readonly Advice[],
  filter: { readonly priority?: Priority | undefined; readonly category?: Category | undefined },
): RecommendationList {
  const listed = all.filter(
    (advice) =>
      (filter.priority === undefined || advice.priority === filter.priority) &&
      (filter.category === undefined || advice.category === filter.category),
  );
  return {
    recommendations: listed.map(recommendationView),
    count: listed.length,
    priority_breakdown: severityBreakdown(all.map((advice) => advice.priority)),
  };
}
