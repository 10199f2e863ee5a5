import type { SampleStore } from '../../store/sample-store.ts';
import type { Annotations } from './annotations.ts';
import type { AtModifier, TimeShift } from '../parse/ast.ts';
import type { Steps } from './frame.ts';
import type { QueryBudget } from './query-budget.ts';

/** Everything an evaluation needs besides the expression. */
export interface QueryContext {
  readonly store: SampleStore;
  readonly budget: QueryBudget;
  readonly notes: Annotations;
  /** The instants to answer for: those of the query, or of the subquery being evaluated. */
  readonly at: Steps;
  /** Start and end of the whole query as asked for, for `@ start()` and `@ end()`; the end need not be a step. */
  readonly queryStartMs: number;
  readonly queryEndMs: number;
}

/** The instant a selector looks at in each step: `firstMs + i · stepMs`. */
export function shiftedSteps(context: QueryContext, shift: TimeShift): Steps {
  const { at } = context;
  if (shift.at === undefined) return { ...at, startMs: at.startMs - shift.offsetMs };
  return { startMs: instantOf(context, shift.at) - shift.offsetMs, stepMs: 0, steps: at.steps };
}

function instantOf(context: QueryContext, at: AtModifier): number {
  if (at === 'start') return context.queryStartMs;
  return at === 'end' ? context.queryEndMs : at.atMs;
}

/** First and last instant of the steps. */
export function lastStepMs(at: Steps): number {
  return at.startMs + (at.steps - 1) * at.stepMs;
}
