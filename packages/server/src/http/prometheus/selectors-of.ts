import type { Expr, Selector } from '@bellwether/monitor/engine';

/** Every series selector in an expression, whatever is done with it. */
export function selectorsOf(expr: Expr): readonly Selector[] {
  switch (expr.kind) {
    case 'selector':
      return [expr.matchers];
    case 'matrix':
      return [expr.selector.matchers];
    case 'call':
      return expr.args.flatMap(selectorsOf);
    case 'binary':
      return [...selectorsOf(expr.left), ...selectorsOf(expr.right)];
    case 'aggregate':
      return [...selectorsOf(expr.expr), ...(expr.param === undefined ? [] : selectorsOf(expr.param))];
    case 'subquery':
    case 'unary':
    case 'paren':
      return selectorsOf(expr.expr);
    default:
      return [];
  }
}
