import { TemplateError } from './values.ts';

/** A piece of a template: text, or the tokens of one `{{ … }}`. */
export type Piece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly tokens: readonly Token[] };

export interface Token {
  readonly kind: 'name' | 'variable' | 'field' | 'dot' | 'string' | 'char' | 'number' | 'punctuation';
  readonly text: string;
  /** Whether white space stands before it: `.a .b` are two operands, `.a.b` is one. */
  readonly spaced: boolean;
}

const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"|\x60[^\x60]*\x60)`,
    String.raw`(?<char>'(?:[^'\\\n]|\\.)+')`,
    String.raw`(?<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))`,
    String.raw`(?<variable>\$[A-Za-z0-9_]*)`,
    String.raw`(?<field>\.[A-Za-z_][A-Za-z0-9_]*)`,
    String.raw`(?<dot>\.)`,
    String.raw`(?<name>[A-Za-z_][A-Za-z0-9_]*)`,
    String.raw`(?<punctuation>:=|[|(),=])`,
  ].join('|'),
  'y',
);

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let spaced = true;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) throw new TemplateError(`unexpected ${JSON.stringify(source.charAt(from))} in command`);
    const [kind, text] = Object.entries(groups).find(([, found]) => found !== undefined) as [Token['kind'] | 'space', string];
    if (kind !== 'space') tokens.push({ kind, text, spaced });
    spaced = kind === 'space';
  }
  return tokens;
}

/** Where the action that begins at `from` ends: at the first `}}` outside a string. */
function endOfAction(source: string, from: number): number {
  let quote = '';
  for (let at = from; at < source.length; at++) {
    const char = source[at] as string;
    if (quote !== '') {
      if (char === '\\' && quote !== '`') at++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === '`' || char === "'") quote = char;
    else if (source.startsWith('}}', at)) return at;
  }
  throw new TemplateError('unclosed action');
}

/** Splits a template. `{{-` and `-}}` take the white space beside them away; comments vanish. @throws TemplateError */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimsLeft = false;
  const addText = (text: string): void => void (text === '' || pieces.push({ kind: 'text', text }));
  for (let open = source.indexOf('{{'); open >= 0; open = source.indexOf('{{', at)) {
    const trimsBefore = /^-\s/.test(source.slice(open + 2, open + 4));
    const text = trimsLeft ? source.slice(at, open).trimStart() : source.slice(at, open);
    addText(trimsBefore ? text.trimEnd() : text);
    const start = open + 2 + (trimsBefore ? 1 : 0);
    const comment = /^\s*\/\*/.exec(source.slice(start, start + 200));
    const close = comment === null ? endOfAction(source, start) : endOfComment(source, start);
    const inner = source.slice(start, close);
    trimsLeft = /\s-$/.test(inner);
    if (comment === null) pieces.push({ kind: 'action', tokens: tokensOf(trimsLeft ? inner.slice(0, -1) : inner) });
    at = close + 2;
  }
  addText(trimsLeft ? source.slice(at).trimStart() : source.slice(at));
  return pieces;
}

function endOfComment(source: string, from: number): number {
  const end = source.indexOf('*/', from);
  const close = end < 0 ? -1 : source.indexOf('}}', end);
  if (close < 0) throw new TemplateError('unclosed comment');
  return close;
}
