import { unquote } from '../../query/parse/literals.ts';
import { isFunctionName } from './functions.ts';
import { lex, type Piece, type Token } from './lex.ts';
import type { Node, Operand, ParsedTemplate, Pipe } from './syntax.ts';
import { TemplateError, type Value } from './values.ts';

/** Parses Go's template language. @param variables those that exist from the start, with `$`. @throws TemplateError */
export function parseTemplate(source: string, variables: readonly string[]): ParsedTemplate {
  return new Parser(lex(source), variables).parse();
}

const DEEPEST = 50;

interface Ended {
  readonly nodes: Node[];
  /** The keyword that ended the list: `end`, `else`, or `` at the end of the text; with `else if` the tokens after it. */
  readonly by: string;
  readonly rest: readonly Token[];
}

class Parser {
  readonly #pieces: readonly Piece[];
  readonly #defined = new Map<string, readonly Node[]>();
  #variables: string[];
  #at = 0;
  #depth = 0;
  #loops = 0;

  constructor(pieces: readonly Piece[], variables: readonly string[]) {
    this.#pieces = pieces;
    this.#variables = ['$', ...variables];
  }

  parse(): ParsedTemplate {
    const { nodes, by } = this.#list();
    if (by !== '') throw new TemplateError(`unexpected {{${by}}}`);
    return { nodes, defined: this.#defined };
  }

  #list(): Ended {
    if (++this.#depth > DEEPEST) throw new TemplateError('nested too deeply');
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++] as Piece;
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      if (first === undefined) throw new TemplateError('missing value for command');
      if (first.kind === 'name' && (first.text === 'end' || first.text === 'else')) {
        this.#depth--;
        return { nodes, by: first.text, rest };
      }
      const node = this.#action(first, rest, piece.tokens);
      if (node !== undefined) nodes.push(node);
    }
    this.#depth--;
    return { nodes, by: '', rest: [] };
  }

  #action(first: Token, rest: readonly Token[], all: readonly Token[]): Node | undefined {
    if (first.kind !== 'name') return { kind: 'action', pipe: this.#pipe(all) };
    switch (first.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(first.text, rest);
      case 'define':
        this.#define(nameOf(rest[0]), false);
        return undefined;
      case 'block':
        this.#define(nameOf(rest[0]), true);
        return { kind: 'template', name: nameOf(rest[0]), pipe: this.#pipe(rest.slice(1)) };
      case 'template':
        return { kind: 'template', name: nameOf(rest[0]), pipe: rest.length > 1 ? this.#pipe(rest.slice(1)) : undefined };
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw new TemplateError(`{{${first.text}}} outside {{range}}`);
        return { kind: first.text };
      default:
        return { kind: 'action', pipe: this.#pipe(all) };
    }
  }

  #control(kind: 'if' | 'with' | 'range', tokens: readonly Token[]): Node {
    const outer = this.#variables.length;
    if (kind === 'range') this.#loops++;
    const pipe = this.#pipe(tokens, kind === 'range');
    const then = this.#list();
    if (kind === 'range') this.#loops--;
    const otherwise = then.by === 'else' ? this.#otherwise(kind, then.rest) : this.#ended(then, []);
    this.#variables = this.#variables.slice(0, outer);
    return { kind, pipe, nodes: then.nodes, otherwise };
  }

  #otherwise(kind: string, rest: readonly Token[]): readonly Node[] {
    const [again, ...tokens] = rest;
    if (again === undefined) {
      const list = this.#list();
      return this.#ended(list, list.nodes);
    }
    if (again.text !== kind || kind === 'range') throw new TemplateError(`unexpected {{else ${again.text}}}`);
    return [this.#control(kind as 'if', tokens)];
  }

  #ended(list: Ended, nodes: readonly Node[]): readonly Node[] {
    if (list.by !== 'end') throw new TemplateError(list.by === '' ? 'unexpected EOF' : `unexpected {{${list.by}}}`);
    return nodes;
  }

  /** A body of its own: it sees no variable but `$`. */
  #define(name: string, isBlock: boolean): void {
    if (this.#depth > 1 && !isBlock) throw new TemplateError('unexpected {{define}}');
    const outer = this.#variables;
    this.#variables = ['$'];
    const list = this.#list();
    this.#defined.set(name, this.#ended(list, list.nodes));
    this.#variables = outer;
  }

  #pipe(tokens: readonly Token[], isRange = false): Pipe {
    const { names, assigns, from } = declared(tokens, isRange);
    const cursor = new Cursor(tokens.slice(from));
    const commands = this.#commands(cursor);
    if (!cursor.isAtEnd) throw new TemplateError(`unexpected ${cursor.peek()?.text} in command`);
    if (assigns) for (const name of names) this.#checkVariable(name);
    else this.#variables.push(...names);
    return { variables: names, assigns, commands };
  }

  #commands(cursor: Cursor): Operand[][] {
    const commands: Operand[][] = [];
    do {
      const command: Operand[] = [];
      while (!cursor.isAtEnd && cursor.peek()?.text !== '|' && cursor.peek()?.text !== ')') command.push(this.#operand(cursor));
      if (command.length === 0) throw new TemplateError('missing value for command');
      if (commands.length > 0 && command[0]?.kind !== 'function') throw new TemplateError('non executable command in pipeline');
      commands.push(command);
    } while (cursor.take('|'));
    return commands;
  }

  #operand(cursor: Cursor): Operand {
    const start = this.#start(cursor);
    const fields = start.kind === 'dot' ? [...start.fields] : [];
    for (let next = cursor.peek(); next?.kind === 'field' && !next.spaced; next = cursor.peek()) {
      fields.push(next.text.slice(1));
      cursor.next();
    }
    if (fields.length > 0 && (start.kind === 'literal' || start.kind === 'function'))
      throw new TemplateError(`unexpected .${fields[0]} after term`);
    return { ...start, fields };
  }

  #start(cursor: Cursor): Operand {
    const token = cursor.next();
    switch (token.kind) {
      case 'dot':
        return { kind: 'dot', fields: [] };
      case 'field':
        return { kind: 'dot', fields: [token.text.slice(1)] };
      case 'variable':
        this.#checkVariable(token.text);
        return { kind: 'variable', name: token.text, fields: [] };
      case 'name':
        return nameOperand(token.text);
      case 'string':
        return { kind: 'literal', value: unquote(token.text, 0), fields: [] };
      case 'char':
        return { kind: 'literal', value: BigInt(unquote(token.text, 0).codePointAt(0) ?? 0), fields: [] };
      case 'number':
        return { kind: 'literal', value: numberOf(token.text), fields: [] };
      default:
        return this.#parenthesised(token, cursor);
    }
  }

  #parenthesised(token: Token, cursor: Cursor): Operand {
    if (token.text !== '(') throw new TemplateError(`unexpected "${token.text}" in operand`);
    if (++this.#depth > DEEPEST) throw new TemplateError('nested too deeply');
    const commands = this.#commands(cursor);
    if (!cursor.take(')')) throw new TemplateError('unclosed left paren');
    this.#depth--;
    return { kind: 'pipe', pipe: { variables: [], assigns: false, commands }, fields: [] };
  }

  #checkVariable(name: string): void {
    if (!this.#variables.includes(name)) throw new TemplateError(`undefined variable "${name}"`);
  }
}

class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }
  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }
  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }
  next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new TemplateError('unexpected end of command');
    return token;
  }
  take(text: string): boolean {
    if (this.peek()?.kind !== 'punctuation' || this.peek()?.text !== text) return false;
    this.#at++;
    return true;
  }
}

function declared(
  tokens: readonly Token[],
  isRange: boolean,
): { readonly names: readonly string[]; readonly assigns: boolean; readonly from: number } {
  const [first, sign, second, later] = tokens;
  if (first?.kind !== 'variable') return { names: [], assigns: false, from: 0 };
  const isSign = (token: Token | undefined): boolean => token?.kind === 'punctuation' && (token.text === ':=' || token.text === '=');
  if (isSign(sign)) return { names: [first.text], assigns: sign?.text === '=', from: 2 };
  if (isRange && sign?.text === ',' && second?.kind === 'variable' && isSign(later))
    return { names: [first.text, second.text], assigns: later?.text === '=', from: 4 };
  return { names: [], assigns: false, from: 0 };
}

function nameOf(token: Token | undefined): string {
  if (token?.kind !== 'string') throw new TemplateError('a template is named by a string');
  return unquote(token.text, 0);
}

const CONSTANTS: Readonly<Record<string, Value>> = { true: true, false: false, nil: null };

function nameOperand(name: string): Operand {
  if (Object.hasOwn(CONSTANTS, name)) return { kind: 'literal', value: CONSTANTS[name] as Value, fields: [] };
  if (!isFunctionName(name)) throw new TemplateError(`function "${name}" not defined`);
  return { kind: 'function', name, fields: [] };
}

function numberOf(text: string): Value {
  const plain = text.replaceAll('_', '');
  if (/^[+-]?(?:0[xXbBoO][0-9a-fA-F]+|\d+)$/.test(plain)) {
    const digits = plain.replace(/^[+-]/, '').replace(/^0(?=[0-7]+$)/, '0o');
    return plain.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  }
  const value = Number(plain);
  if (Number.isNaN(value)) throw new TemplateError(`bad number syntax: "${text}"`);
  return value;
}
