import type { Value } from './values.ts';

/** What stands for one value: a literal, the dot, a variable, a function's name or a pipeline in parentheses, and fields taken from it. */
export type Operand = { readonly fields: readonly string[] } & (
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe }
);

/** `$a, $b := command | command …` */
export interface Pipe {
  readonly variables: readonly string[];
  /** `=` instead of `:=`: the variable exists already. */
  readonly assigns: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | BranchNode
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: 'break' | 'continue' };

export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly nodes: readonly Node[];
  readonly otherwise: readonly Node[];
}

export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  /** Bodies of `define` and `block`, by name. */
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}
