import type { Selector } from '../../store/sample-store.ts';

/** Where in the text an expression stands: offsets of characters, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `@ start()`, `@ end()` or a fixed instant. */
export type AtModifier = 'start' | 'end' | { readonly atMs: number };

/** What shifts a selector or subquery in time. */
export interface TimeShift {
  /** Positive looks back. */
  readonly offsetMs: number;
  readonly at: AtModifier | undefined;
}

export interface NumberNode extends Span {
  readonly kind: 'number';
  readonly value: number;
  /** As written, when it is a duration. */
  readonly text: string;
}
export interface StringNode extends Span {
  readonly kind: 'string';
  readonly value: string;
}
export interface SelectorNode extends Span, TimeShift {
  readonly kind: 'selector';
  readonly matchers: Selector;
}
export interface MatrixNode extends Span {
  readonly kind: 'matrix';
  readonly selector: SelectorNode;
  readonly rangeMs: number;
}
export interface SubqueryNode extends Span, TimeShift {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly rangeMs: number;
  /** `undefined`: the engine's default. */
  readonly stepMs: number | undefined;
}
export interface CallNode extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}
export interface AggregateNode extends Span {
  readonly kind: 'aggregate';
  readonly op: string;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly without: boolean;
  readonly grouping: readonly string[];
}
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  /** Labels taken over from the "one" side. */
  readonly include: readonly string[];
}
export interface BinaryNode extends Span {
  readonly kind: 'binary';
  readonly op: string;
  readonly left: Expr;
  readonly right: Expr;
  readonly returnsBool: boolean;
  readonly matching: Matching;
  /** Whether on/ignoring was written. */
  readonly hasMatching: boolean;
}
export interface UnaryNode extends Span {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
}
export interface ParenNode extends Span {
  readonly kind: 'paren';
  readonly expr: Expr;
}

export type Expr =
  | NumberNode
  | StringNode
  | SelectorNode
  | MatrixNode
  | SubqueryNode
  | CallNode
  | AggregateNode
  | BinaryNode
  | UnaryNode
  | ParenNode;

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** The expression inside any parentheses. */
export function unwrapParens(expr: Expr): Expr {
  return expr.kind === 'paren' ? unwrapParens(expr.expr) : expr;
}
