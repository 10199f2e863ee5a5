import type { Labels } from '../model/labels.ts';

export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const CATEGORIES = ['cpu', 'memory', 'disk', 'network', 'api', 'database', 'cache', 'errors', 'event_loop'] as const;
export type Category = (typeof CATEGORIES)[number];

/** One measured fact behind a recommendation; `expression` is the PromQL that shows it. */
export interface Evidence {
  readonly statement: string;
  readonly expression?: string;
  readonly value?: number;
  readonly unit?: string;
}

/** Expected gain: `metric` falls (or rises) by `lower` to `upper` percent with 90 % confidence; the model is named so that it can be judged. */
export interface ExpectedGain {
  readonly metric: string;
  readonly lowerPercent: number;
  readonly upperPercent: number;
  readonly model: string;
}

/** Advice about one resource (function, route, query, cache, volume). `impact`, `effort` and `implementation` are sentences for people. */
export interface Recommendation {
  readonly id: string;
  readonly category: Category;
  readonly priority: Priority;
  readonly resource: string;
  readonly title: string;
  readonly description: string;
  readonly impact: string;
  readonly effort: 'low' | 'medium' | 'high';
  /** Steps, in order. */
  readonly implementation: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly gain: ExpectedGain | undefined;
  /** How anybody can see that it helped. */
  readonly verification: string;
  /** Labels that tell whose it is: `instance`, `job`; empty for the own process. */
  readonly labels: Labels;
  readonly createdAtMs: number;
}

/** Looks for bottlenecks and says what to do about them. */
export interface Advisor {
  /** Looks again; recommendations whose evidence is gone disappear. */
  evaluate(nowMs: number): Promise<void>;
  /** Highest priority first, then newest. */
  active(): readonly Recommendation[];
}
