import type { BinaryNode, Expr, SelectorNode, TimeShift } from './ast.ts';
import { METRIC_NAME } from '../context/frame.ts';
import { formatDuration, formatValue, quote } from './literals.ts';

/** The expression on one line, in the way Prometheus prints it. */
export function formatExpression(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return formatValue(expr.value);
    case 'string':
      return quote(expr.value);
    case 'paren':
      return `(${formatExpression(expr.expr)})`;
    case 'unary':
      return expr.op + formatExpression(expr.expr);
    case 'selector':
      return formatSelector(expr) + formatShift(expr);
    case 'matrix':
      return `${formatSelector(expr.selector)}[${formatDuration(expr.rangeMs)}]${formatShift(expr.selector)}`;
    case 'subquery': {
      const step = expr.stepMs === undefined ? '' : formatDuration(expr.stepMs);
      return `${formatExpression(expr.expr)}[${formatDuration(expr.rangeMs)}:${step}]${formatShift(expr)}`;
    }
    case 'call':
      return `${expr.name}(${expr.args.map(formatExpression).join(', ')})`;
    case 'aggregate': {
      const args = [...(expr.param === undefined ? [] : [expr.param]), expr.expr].map(formatExpression).join(', ');
      const by = expr.without
        ? ` without (${expr.grouping.join(', ')}) `
        : expr.grouping.length > 0
          ? ` by (${expr.grouping.join(', ')}) `
          : ' ';
      return `${expr.op}${by === ' ' ? '' : by}(${args})`;
    }
    default:
      return formatBinary(expr);
  }
}

function formatSelector({ matchers }: SelectorNode): string {
  const name = matchers.find(({ label, op }) => label === METRIC_NAME && op === '=');
  const rest = matchers.filter((matcher) => matcher !== name).map(({ label, op, value }) => `${label}${op}${quote(value)}`);
  return (name?.value ?? '') + (rest.length > 0 ? `{${rest.join(',')}}` : '');
}

function formatShift({ offsetMs, at }: TimeShift): string {
  const instant = at === undefined ? '' : typeof at === 'string' ? ` @ ${at}()` : ` @ ${(at.atMs / 1000).toFixed(3)}`;
  return instant + (offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`);
}

function formatBinary({ op, left, right, returnsBool, matching, hasMatching }: BinaryNode): string {
  let modifiers = returnsBool ? ' bool' : '';
  if (hasMatching) {
    modifiers += ` ${matching.on ? 'on' : 'ignoring'} (${matching.labels.join(', ')})`;
    if (matching.cardinality === 'many-to-one') modifiers += ` group_left (${matching.include.join(', ')})`;
    if (matching.cardinality === 'one-to-many') modifiers += ` group_right (${matching.include.join(', ')})`;
  }
  return `${formatExpression(left)} ${op}${modifiers} ${formatExpression(right)}`;
}
