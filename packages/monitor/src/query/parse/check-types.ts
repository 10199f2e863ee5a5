import { COMPARISONS, SET_OPERATORS, type BinaryNode, type Expr, type ValueType } from './ast.ts';
import { AGGREGATIONS, FUNCTION_SIGNATURES } from './function-signatures.ts';
import { queryInvalid } from './query-error.ts';

const WORDS: Readonly<Record<ValueType, string>> = {
  scalar: 'a scalar',
  vector: 'an instant vector',
  matrix: 'a range vector',
  string: 'a string',
};

/** What an expression gives. Only for checked expressions. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
    case 'aggregate':
      return 'vector';
    case 'matrix':
    case 'subquery':
      return 'matrix';
    case 'call':
      return FUNCTION_SIGNATURES.get(expr.name)?.returns ?? 'vector';
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector';
    default:
      return typeOf(expr.expr);
  }
}

/** @throws BellwetherError `query_invalid` at the first part whose type does not fit. */
export function checkTypes(expr: Expr): void {
  switch (expr.kind) {
    case 'paren':
      return checkTypes(expr.expr);
    case 'matrix':
      return checkTypes(expr.selector);
    case 'unary':
      checkTypes(expr.expr);
      if (!['scalar', 'vector'].includes(typeOf(expr.expr)))
        throw queryInvalid(`${expr.op} needs a scalar or an instant vector, not ${WORDS[typeOf(expr.expr)]}`, expr);
      return;
    case 'subquery':
      checkTypes(expr.expr);
      expect(expr.expr, 'vector', 'A subquery');
      return;
    case 'call':
      return checkCall(expr.name, expr.args, expr);
    case 'aggregate': {
      if (!AGGREGATIONS.has(expr.op)) throw queryInvalid(`The aggregation ${expr.op} is not supported`, expr);
      checkTypes(expr.expr);
      expect(expr.expr, 'vector', expr.op);
      const wanted = AGGREGATIONS.get(expr.op);
      if ((expr.param === undefined) !== (wanted === undefined))
        throw queryInvalid(
          wanted === undefined ? `${expr.op} takes no parameter` : `${expr.op} needs a parameter before the expression`,
          expr,
        );
      if (expr.param !== undefined && wanted !== undefined) {
        checkTypes(expr.param);
        expect(expr.param, wanted, expr.op);
      }
      return;
    }
    case 'binary':
      return checkBinary(expr);
    default:
  }
}

function expect(expr: Expr, wanted: ValueType, who: string): void {
  const found = typeOf(expr);
  if (found !== wanted) throw queryInvalid(`${who} needs ${WORDS[wanted]}, not ${WORDS[found]}`, expr);
}

function checkCall(name: string, args: readonly Expr[], at: Expr): void {
  const signature = FUNCTION_SIGNATURES.get(name);
  if (signature === undefined) throw queryInvalid(`The function ${name} is not supported`, at);
  const least = signature.args.length - (signature.optional ?? 0) - (signature.isVariadic === true ? 1 : 0);
  const most = signature.isVariadic === true ? Infinity : signature.args.length;
  if (args.length < least || args.length > most) {
    const count = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    throw queryInvalid(`${name} takes ${count} ${count === '1' ? 'argument' : 'arguments'}, not ${args.length}`, at);
  }
  args.forEach((arg, i) => {
    checkTypes(arg);
    expect(arg, signature.args[Math.min(i, signature.args.length - 1)] as ValueType, name);
  });
}

function checkBinary(expr: BinaryNode): void {
  const { op, left, right } = expr;
  checkTypes(left);
  checkTypes(right);
  for (const side of [left, right]) {
    if (!['scalar', 'vector'].includes(typeOf(side)))
      throw queryInvalid(`${op} needs scalars or instant vectors, not ${WORDS[typeOf(side)]}`, side);
  }
  const scalars = [left, right].filter((side) => typeOf(side) === 'scalar').length;
  const isComparison = COMPARISONS.has(op);
  if (expr.returnsBool && !isComparison) throw queryInvalid('bool goes only with comparisons', expr);
  if (isComparison && scalars === 2 && !expr.returnsBool) throw queryInvalid('A comparison of two scalars needs bool', expr);
  if (SET_OPERATORS.has(op) && scalars > 0) throw queryInvalid(`${op} needs instant vectors on both sides`, expr);
  if (expr.hasMatching && scalars > 0) throw queryInvalid('on and ignoring go only between instant vectors', expr);
}
