import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Matcher, Selector } from '../../store/sample-store.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import type { AtModifier, BinaryNode, Expr, Matching, SelectorNode } from './ast.ts';
import { SET_OPERATORS } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { parseNumber, plainNumbers, unquote } from './literals.ts';
import { queryInvalid } from './query-error.ts';

/** Parses and type-checks an expression. @throws BellwetherError `query_invalid` with the position of what is wrong. */
export function parseExpression(text: string): Expr {
  const expr = new TreeReader(text).read();
  checkTypes(expr);
  return expr;
}

/** Parses a series selector such as `up{job="api"}`. @throws BellwetherError `query_invalid` */
export function parseSelectorText(text: string): Selector {
  const expr = parseExpression(text);
  if (expr.kind !== 'selector' || expr.offsetMs !== 0 || expr.at !== undefined)
    throw queryInvalid('Only a series selector such as up{job="api"} is allowed here', 0);
  return expr.matchers;
}

/** Stops at the first error: to recover from many costs seconds of a long text. */
const STRICT_PARSER = parser.configure({ strict: true });

/** Turns the grammar's tree into our own, whose nodes hold values instead of text. */
class TreeReader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Expr {
    if (this.#text.trim() === '') throw queryInvalid('The expression is empty', 0);
    const tree = this.#parse();
    const top = tree.topNode.firstChild;
    if (top === null) throw queryInvalid('The expression is empty', 0);
    return this.#expr(skipComments(top));
  }

  #parse(): Tree {
    try {
      return STRICT_PARSER.parse(plainNumbers(this.#text));
    } catch (error) {
      const position = error instanceof SyntaxError ? Number(/ (\d+)$/.exec(error.message)?.[1] ?? 0) : 0;
      throw this.#syntaxError(position);
    }
  }

  #syntaxError(position: number): Error {
    const found = /^\s*([\w.:]{1,40}|\S)/.exec(this.#text.slice(position))?.[1];
    return queryInvalid(found === undefined ? 'The expression ends too early' : `"${found}" is not expected here`, position);
  }

  #expr(node: SyntaxNode): Expr {
    const span = { start: node.from, end: node.to };
    switch (node.name) {
      case 'NumberDurationLiteral': {
        const text = this.#of(node);
        return { kind: 'number', value: parseNumber(text, node.from), text, ...span };
      }
      case 'StringLiteral':
        return { kind: 'string', value: unquote(this.#of(node), node.from), ...span };
      case 'ParenExpr':
        return { kind: 'paren', expr: this.#child(node), ...span };
      case 'UnaryExpr':
        return { kind: 'unary', op: this.#of(need(node, 'UnaryOp')) as '+' | '-', expr: this.#lastChild(node), ...span };
      case 'VectorSelector':
        return this.#selector(node);
      case 'MatrixSelector':
        return this.#matrix(node);
      case 'SubqueryExpr':
        return this.#subquery(node);
      case 'OffsetExpr':
        return this.#offset(node);
      case 'StepInvariantExpr':
        return this.#at(node);
      case 'FunctionCall':
        return { kind: 'call', name: this.#of(need(node, 'FunctionIdentifier')), args: this.#args(node), ...span };
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        throw queryInvalid(`"${this.#of(node).slice(0, 40)}" is not supported`, node.from);
    }
  }

  #of(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to);
  }
  #child(node: SyntaxNode): Expr {
    return this.#expr(expressionsOf(node)[0] as SyntaxNode);
  }
  #lastChild(node: SyntaxNode): Expr {
    return this.#expr(expressionsOf(node).at(-1) as SyntaxNode);
  }
  #args(node: SyntaxNode): Expr[] {
    return expressionsOf(need(node, 'FunctionCallBody')).map((arg) => this.#expr(arg));
  }

  #selector(node: SyntaxNode): SelectorNode {
    const matchers: Matcher[] = [];
    const identifier = node.getChild('Identifier');
    if (identifier !== null) matchers.push({ label: '__name__', op: '=', value: this.#of(identifier) });
    const list = node.getChild('LabelMatchers');
    for (let child = list?.firstChild ?? null; child !== null; child = child.nextSibling) {
      const matcher = this.#matcher(child);
      if (matcher === undefined) continue;
      if (matcher.label === '__name__' && identifier !== null) throw queryInvalid('The metric name is given twice', child.from);
      matchers.push(matcher);
    }
    const tests = matchers.map((matcher) => this.#compile(matcher, node.from));
    if (tests.every((test) => test('')))
      throw queryInvalid('A selector needs at least one condition that an absent label does not meet', node.from);
    return { kind: 'selector', matchers, offsetMs: 0, at: undefined, start: node.from, end: node.to };
  }

  #compile(matcher: Matcher, position: number): (value: string) => boolean {
    try {
      return compileMatcher(matcher);
    } catch (error) {
      throw queryInvalid((error as Error).message, position);
    }
  }

  #matcher(node: SyntaxNode): Matcher | undefined {
    if (node.name === 'QuotedLabelName') return { label: '__name__', op: '=', value: unquote(this.#of(node), node.from) };
    if (node.name !== 'UnquotedLabelMatcher' && node.name !== 'QuotedLabelMatcher') return undefined;
    const quoted = node.getChild('QuotedLabelName');
    const label = quoted === null ? this.#of(need(node, 'LabelName')) : unquote(this.#of(quoted), quoted.from);
    const value = need(node, 'StringLiteral');
    return { label, op: this.#of(need(node, 'MatchOp')) as Matcher['op'], value: unquote(this.#of(value), value.from) };
  }

  #matrix(node: SyntaxNode): Expr {
    const rangeMs = this.#durationMs(need(node, 'DurationExpr'));
    if (rangeMs <= 0) throw queryInvalid('A range must be longer than 0', node.from);
    return toLastOperand(this.#child(node), (selector) => {
      if (selector.kind !== 'selector')
        throw queryInvalid('A range needs a series selector before it; for other expressions write [range:step]', node.from);
      if (selector.offsetMs !== 0 || selector.at !== undefined) throw queryInvalid('Write the range before offset and @', node.from);
      return { kind: 'matrix', selector, rangeMs, start: node.from, end: node.to };
    });
  }

  #subquery(node: SyntaxNode): Expr {
    const [range, step] = node.getChildren('DurationExpr');
    const rangeMs = this.#durationMs(range as SyntaxNode);
    const stepMs = step === undefined ? undefined : this.#durationMs(step);
    if (rangeMs <= 0) throw queryInvalid('A range must be longer than 0', node.from);
    if (stepMs !== undefined && stepMs <= 0) throw queryInvalid('The step of a subquery must be longer than 0', node.from);
    const shape = { kind: 'subquery', rangeMs, stepMs, offsetMs: 0, at: undefined, start: node.from, end: node.to } as const;
    return toLastOperand(this.#child(node), (expr) => ({ ...shape, expr }));
  }

  #offset(node: SyntaxNode): Expr {
    const offsetMs = this.#durationMs(need(node, 'OffsetDurationExpr'));
    return toLastOperand(this.#child(node), (operand) => shift(operand, { offsetMs }, node));
  }

  #at(node: SyntaxNode): Expr {
    const preprocessor = node.getChild('AtModifierPreprocessors');
    let at: AtModifier;
    if (preprocessor === null) {
      const literal = node.getChildren('NumberDurationLiteral').at(-1) as SyntaxNode;
      const seconds = parseNumber(this.#of(literal), literal.from);
      if (!Number.isFinite(seconds)) throw queryInvalid('@ needs a finite time in seconds', literal.from);
      at = { atMs: Math.round(seconds * 1000) };
    } else {
      at = this.#of(preprocessor).startsWith('start') ? 'start' : 'end';
    }
    return toLastOperand(this.#child(node), (operand) => shift(operand, { at }, node));
  }

  #durationMs(node: SyntaxNode): number {
    const inner = node.firstChild;
    if (inner?.name === 'NumberDurationLiteralInDurationContext') return Math.round(parseNumber(this.#of(inner), inner.from) * 1000);
    const operand = node.getChild('OffsetDurationExpr');
    if (inner?.name === 'UnaryOp' && operand !== null) return (this.#of(inner) === '-' ? -1 : 1) * this.#durationMs(operand);
    throw queryInvalid(`"${this.#of(node)}" is not supported: write a duration such as 5m`, node.from);
  }

  #aggregate(node: SyntaxNode): Expr {
    const op = this.#of(need(node, 'AggregateOp')).toLowerCase();
    const modifier = node.getChild('AggregateModifier');
    const args = this.#args(node);
    const expr = args.at(-1);
    if (expr === undefined || args.length > 2)
      throw queryInvalid(`${op} takes one expression, and a parameter before it at most`, node.from);
    return {
      kind: 'aggregate',
      op,
      expr,
      param: args.length === 2 ? args[0] : undefined,
      without: modifier?.getChild('Without') != null,
      grouping: modifier === null ? [] : this.#labels(need(modifier, 'GroupingLabels')),
      start: node.from,
      end: node.to,
    };
  }

  #labels(node: SyntaxNode): string[] {
    const labels: string[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === 'LabelName') labels.push(this.#of(child));
      if (child.name === 'QuotedLabelName') labels.push(unquote(this.#of(child), child.from));
    }
    return labels;
  }

  #binary(node: SyntaxNode): Expr {
    const [left, right] = expressionsOf(node) as [SyntaxNode, SyntaxNode];
    const operator = left.nextSibling as SyntaxNode;
    const op = this.#of(operator).toLowerCase();
    if (node.getChild('FillModifier') !== null) throw queryInvalid('fill is not supported', node.from);
    const matching = this.#matching(node.getChild('MatchingModifierClause'), op);
    const binary: BinaryNode = {
      kind: 'binary',
      op,
      left: this.#expr(left),
      right: this.#expr(right),
      returnsBool: node.getChild('BoolModifier') !== null,
      matching,
      hasMatching: node.getChild('MatchingModifierClause') !== null,
      start: node.from,
      end: node.to,
    };
    return byPrecedence(binary.left, op === '^' ? signOutside(binary) : binary);
  }

  #matching(clause: SyntaxNode | null, op: string): Matching {
    const isSet = SET_OPERATORS.has(op);
    if (clause === null) return { on: false, labels: [], cardinality: isSet ? 'many-to-many' : 'one-to-one', include: [] };
    const [labels, include] = clause.getChildren('GroupingLabels');
    const isLeft = clause.getChild('GroupLeft') !== null;
    const isRight = clause.getChild('GroupRight') !== null;
    if (isSet && (isLeft || isRight)) throw queryInvalid(`group_left and group_right do not go with ${op}`, clause.from);
    const on = clause.getChild('On') !== null;
    const matching: Matching = {
      on,
      labels: labels === undefined ? [] : this.#labels(labels),
      cardinality: isSet ? 'many-to-many' : isLeft ? 'many-to-one' : isRight ? 'one-to-many' : 'one-to-one',
      include: include === undefined ? [] : this.#labels(include),
    };
    const both = on ? matching.include.find((label) => matching.labels.includes(label)) : undefined;
    if (both !== undefined) throw queryInvalid(`Label "${both}" cannot be in on and in the group list at once`, clause.from);
    return matching;
  }
}

const PRECEDENCE: Readonly<Record<string, number>> = { or: 1, and: 2, unless: 2, '+': 4, '-': 4, '*': 5, '/': 5, '%': 5, atan2: 5, '^': 6 };
const UNARY_PRECEDENCE = 5;

function precedenceOf(op: string): number {
  return PRECEDENCE[op] ?? 3;
}

/**
 * `a + b @ 5 * c` reaches us as `(a + b @ 5) * c`, because the grammar lets what stands behind an operand take all before it: a looser
 * operator found on the left without parentheses goes outside again.
 */
function byPrecedence(left: Expr, expr: Expr): Expr {
  if (expr.kind !== 'binary') return expr;
  const precedence = precedenceOf(expr.op);
  if (left.kind === 'binary' && precedenceOf(left.op) < precedence)
    return { ...left, right: byPrecedence(left.right, { ...expr, left: left.right }) };
  if (left.kind === 'unary' && UNARY_PRECEDENCE < precedence)
    return { ...left, expr: byPrecedence(left.expr, { ...expr, left: left.expr }) };
  return expr;
}

/** `-1 ^ 2` is −(1²): the grammar reads the sign as part of the number. */
function signOutside(binary: BinaryNode): Expr {
  const { left } = binary;
  if (left.kind !== 'number' || !/^[+-]/.test(left.text)) return binary;
  const op = left.text.startsWith('-') ? '-' : '+';
  const positive = { ...left, value: Math.abs(left.value), text: left.text.slice(1), start: left.start + 1 };
  return { kind: 'unary', op, expr: { ...binary, left: positive, start: positive.start }, start: binary.start, end: binary.end };
}

/**
 * Applies what is written behind an expression to its last operand: the grammar gives `a - b offset 1m` as `(a - b) offset 1m`, but
 * offset, @ and ranges bind more tightly than any operator.
 */
function toLastOperand(expr: Expr, apply: (operand: Expr) => Expr): Expr {
  if (expr.kind === 'binary') return { ...expr, right: toLastOperand(expr.right, apply) };
  if (expr.kind === 'unary') return { ...expr, expr: toLastOperand(expr.expr, apply) };
  return apply(expr);
}

function shift(expr: Expr, by: { readonly offsetMs?: number; readonly at?: AtModifier }, node: SyntaxNode): Expr {
  if (expr.kind === 'matrix') return { ...expr, selector: shift(expr.selector, by, node) as SelectorNode };
  if (expr.kind !== 'selector' && expr.kind !== 'subquery')
    throw queryInvalid('offset and @ go only with selectors and subqueries', node.from);
  if (by.offsetMs !== undefined && expr.offsetMs !== 0) throw queryInvalid('offset is given twice', node.from);
  if (by.at !== undefined && expr.at !== undefined) throw queryInvalid('@ is given twice', node.from);
  return { ...expr, ...by };
}

const EXPRESSIONS = new Set(
  (
    'AggregateExpr BinaryExpr FunctionCall MatrixSelector NumberDurationLiteral OffsetExpr AnchoredExpr SmoothedExpr ParenExpr ' +
    'StringLiteral SubqueryExpr UnaryExpr VectorSelector StepInvariantExpr'
  ).split(' '),
);

function expressionsOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) if (EXPRESSIONS.has(child.name)) found.push(child);
  return found;
}
function need(node: SyntaxNode, name: string): SyntaxNode {
  const child = node.getChild(name);
  if (child === null) throw queryInvalid('The expression is incomplete', node.from);
  return child;
}
function skipComments(node: SyntaxNode): SyntaxNode {
  return node.name === 'LineComment' && node.nextSibling !== null ? skipComments(node.nextSibling) : node;
}
