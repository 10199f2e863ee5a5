import type { BinaryNode, Expr, SelectorNode, TimeShift } from './ast.ts';
import { isLabelName, isMetricName } from '../../model/labels.ts';
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
        ? ` without (${formatNames(expr.grouping)}) `
        : expr.grouping.length > 0
          ? ` by (${formatNames(expr.grouping)}) `
          : ' ';
      return `${expr.op}${by === ' ' ? '' : by}(${args})`;
    }
    default:
      return formatBinary(expr);
  }
}

function formatSelector({ matchers }: SelectorNode): string {
  const name = matchers.find(({ label, op }) => label === METRIC_NAME && op === '=');
  const rest = matchers.filter((matcher) => matcher !== name).map(({ label, op, value }) => `${formatName(label)}${op}${quote(value)}`);
  rest.sort();
  if (name !== undefined && !isMetricName(name.value)) rest.unshift(quote(name.value));
  return (name !== undefined && isMetricName(name.value) ? name.value : '') + (rest.length > 0 ? `{${rest.join(',')}}` : '');
}

/** In quotes where it is no identifier. */
function formatName(label: string): string {
  return isLabelName(label) ? label : quote(label);
}

const formatNames = (labels: readonly string[]): string => labels.map(formatName).join(', ');

function formatShift({ offsetMs, at }: TimeShift): string {
  const instant = at === undefined ? '' : typeof at === 'string' ? ` @ ${at}()` : ` @ ${(at.atMs / 1000).toFixed(3)}`;
  return instant + (offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`);
}

function formatBinary({ op, left, right, returnsBool, matching, hasMatching }: BinaryNode): string {
  let modifiers = returnsBool ? ' bool' : '';
  if (hasMatching) {
    modifiers += ` ${matching.on ? 'on' : 'ignoring'} (${formatNames(matching.labels)})`;
    if (matching.cardinality === 'many-to-one') modifiers += ` group_left (${formatNames(matching.include)})`;
    if (matching.cardinality === 'one-to-many') modifiers += ` group_right (${formatNames(matching.include)})`;
  }
  return `${formatExpression(left)} ${op}${modifiers} ${formatExpression(right)}`;
}
