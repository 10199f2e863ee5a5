import { FUNCTION_SIGNATURES, type Expr, type SelectorNode, type Selector } from '@bellwether/monitor/engine';
import { valueText } from './value-view.ts';

const METRIC_NAME = '__name__';

/** An expression as Prometheus's `parse_query` tells it. */
export function expressionView(expr: Expr): object {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: valueText(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'paren':
      return { type: 'parenExpr', expr: expressionView(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: expressionView(expr.expr) };
    case 'selector':
      return { type: 'vectorSelector', ...selectorView(expr) };
    case 'matrix':
      return { type: 'matrixSelector', range: expr.rangeMs, ...selectorView(expr.selector) };
    case 'subquery':
      return { type: 'subquery', expr: expressionView(expr.expr), range: expr.rangeMs, step: expr.stepMs ?? 0, ...shiftView(expr) };
    case 'call':
      return { type: 'call', func: functionView(expr.name), args: expr.args.map(expressionView) };
    case 'aggregate': {
      const { op, grouping, without, param } = expr;
      return {
        type: 'aggregation',
        op,
        expr: expressionView(expr.expr),
        param: param === undefined ? null : expressionView(param),
        grouping,
        without,
      };
    }
    default: {
      const { op, left, right, returnsBool, matching } = expr;
      const { cardinality, labels, on, include } = matching;
      const isOfVectors = isVector(left) && isVector(right);
      return {
        type: 'binaryExpr',
        op,
        lhs: expressionView(left),
        rhs: expressionView(right),
        matching: isOfVectors ? { card: cardinality, labels, on, include } : null,
        bool: returnsBool,
      };
    }
  }
}

function isVector(expr: Expr): boolean {
  switch (expr.kind) {
    case 'selector':
    case 'aggregate':
      return true;
    case 'paren':
    case 'unary':
      return isVector(expr.expr);
    case 'binary':
      return isVector(expr.left) || isVector(expr.right);
    case 'call':
      return FUNCTION_SIGNATURES.get(expr.name)?.returns === 'vector';
    default:
      return false;
  }
}

function shiftView({ at, offsetMs }: Pick<SelectorNode, 'at' | 'offsetMs'>): object {
  return { offset: offsetMs, timestamp: typeof at === 'object' ? at.atMs : null, startOrEnd: typeof at === 'string' ? at : null };
}

/** A name written before the braces stands last among the conditions. */
function selectorView(selector: SelectorNode): object {
  const [first, ...rest] = selector.matchers;
  const matchers = first?.label === METRIC_NAME && first.op === '=' ? [...rest, first] : selector.matchers;
  return {
    name: nameOf(matchers),
    matchers: matchers.map(({ label, op, value }) => ({ name: label, value, type: op })),
    ...shiftView(selector),
  };
}

function nameOf(matchers: Selector): string {
  return matchers.find(({ label, op }) => label === METRIC_NAME && op === '=')?.value ?? '';
}

/** As Prometheus counts them: `variadic` is how many arguments may be left out, −1 for any number more. */
function functionView(name: string): object {
  const signature = FUNCTION_SIGNATURES.get(name);
  return {
    name,
    argTypes: signature?.args ?? [],
    variadic: signature?.isVariadic === true ? -1 : (signature?.optional ?? 0),
    returnType: signature?.returns ?? 'none',
  };
}
