import { COMPARISONS, type Expr } from './ast.ts';

const METRIC_NAME = '__name__';
const KEEPS_NAMES: ReadonlySet<string> = new Set(['sort', 'sort_desc', 'last_over_time']);
const CHANGES_LABELS: ReadonlySet<string> = new Set(['label_replace', 'label_join']);

/**
 * Whether the series of an expression may bear several metric names, so that dropping the name could make two of them the same. Looks at the
 * text alone: a selector with `__name__ = …` is safe, and so is what has lost its names already.
 */
export function mayMixNames(expr: Expr): boolean {
  switch (expr.kind) {
    case 'selector':
      return !expr.matchers.some(({ label, op }) => label === METRIC_NAME && op === '=');
    case 'matrix':
      return mayMixNames(expr.selector);
    case 'paren':
    case 'subquery':
      return mayMixNames(expr.expr);
    case 'aggregate':
      return expr.op === 'topk' || expr.op === 'bottomk' ? mayMixNames(expr.expr) : !expr.without && expr.grouping.includes(METRIC_NAME);
    case 'call':
      return CHANGES_LABELS.has(expr.name) || (KEEPS_NAMES.has(expr.name) && expr.args.some(mayMixNames));
    case 'binary': {
      if (expr.op === 'or') return true;
      const passesThrough = (COMPARISONS.has(expr.op) && !expr.returnsBool) || expr.op === 'and' || expr.op === 'unless';
      return passesThrough && (mayMixNames(expr.left) || mayMixNames(expr.right));
    }
    default:
      return false;
  }
}
