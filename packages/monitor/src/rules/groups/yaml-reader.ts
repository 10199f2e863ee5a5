import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { BellwetherError } from '../../base/errors.ts';
import { parseDurationMs } from '../../query/parse/literals.ts';

/** What every value of a document shares. */
interface Source {
  readonly document: Document;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly lines: LineCounter;
  readonly file: string;
}

/** Lists and maps in one another, as far as brackets and dashes on one line make them; indentation needs a longer text for each level. */
const DEEPEST = 100;

/** A value of a YAML document with the line it stands on. Every reader refuses what it does not expect, in one sentence with file and line. */
export class YamlReader {
  readonly #source: Source;
  readonly #node: Node | null | undefined;
  readonly #path: string;
  readonly #fallbackLine: number;

  private constructor(source: Source, place: { readonly node: Node | null | undefined; readonly path: string; readonly line: number }) {
    this.#source = source;
    // Resolved one by one as they are read, so that aliases cannot make a small text large.
    this.#node = isAlias(place.node) ? source.targets.get(place.node) : place.node;
    this.#path = place.path;
    this.#fallbackLine = place.line;
  }

  /** @param file names the text in errors. @throws BellwetherError `rule_invalid` when it is not YAML */
  static parse(text: string, file: string): YamlReader {
    const deepLine = lineTooDeep(text);
    if (deepLine !== undefined) throw problem(file, deepLine, `more than ${DEEPEST} lists and mappings in one another`);
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, version: '1.2', schema: 'core' });
    const [error] = document.errors;
    if (error !== undefined) throw problem(file, lines.linePos(error.pos[0]).line, error.message.split('\n')[0] ?? 'it is not YAML');
    const { targets, repeated } = walk(document);
    if (repeated !== undefined)
      throw problem(
        file,
        lines.linePos(repeated.range?.[0] ?? 0).line,
        `the key ${JSON.stringify(String(repeated.value).slice(0, 80))} is repeated`,
      );
    return new YamlReader({ document, targets, lines, file }, { node: document.contents, path: '', line: 1 });
  }

  get line(): number {
    const range = this.#node?.range;
    return range === undefined || range === null ? this.#fallbackLine : this.#source.lines.linePos(range[0]).line;
  }
  get isAbsent(): boolean {
    return this.#node === null || this.#node === undefined || (isScalar(this.#node) && this.#node.value === null);
  }
  /** The plain value when it is a scalar. */
  get scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }
  /** The whole value as plain data, at most as large as the text. */
  get plain(): unknown {
    return this.#node === null || this.#node === undefined ? undefined : this.#node.toJS(this.#source.document, { maxAliasCount: 0 });
  }
  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** @throws BellwetherError `rule_invalid`: file, line and `what` */
  refuse(what: string): never {
    throw problem(this.#source.file, this.line, this.#path === '' ? what : `${this.#path}: ${what}`);
  }

  /** Members by name. @param allowed the only names that may stand there; `undefined` allows any. */
  members(allowed?: readonly string[]): ReadonlyMap<string, YamlReader> {
    const members = new Map<string, YamlReader>();
    if (this.isAbsent) return members;
    if (!isMap(this.#node)) return this.refuse('must be a mapping');
    for (const pair of this.#node.items as Pair<Node, Node | null>[]) {
      const name = isScalar(pair.key) ? String(pair.key.value) : this.refuse('keys must be plain text');
      const line = pair.key.range === undefined || pair.key.range === null ? this.line : this.#source.lines.linePos(pair.key.range[0]).line;
      const member = this.#child(pair.value, name, line);
      if (allowed !== undefined && !allowed.includes(name))
        throw problem(this.#source.file, line, `${this.#at(`unknown key "${name}"`)}; allowed: ${allowed.join(', ')}`);
      members.set(name, member);
    }
    return members;
  }

  /** Members as an object; absent ones are absent readers. */
  object<const Name extends string>(allowed: readonly Name[]): Readonly<Record<Name, YamlReader>> {
    const members = this.members(allowed);
    const read = (name: Name): YamlReader => members.get(name) ?? this.#child(undefined, name, this.line);
    return Object.fromEntries(allowed.map((name) => [name, read(name)])) as Record<Name, YamlReader>;
  }

  items(): readonly YamlReader[] {
    if (this.isAbsent) return [];
    if (!isSeq(this.#node)) return this.refuse('must be a list');
    return (this.#node.items as (Node | null)[]).map((item, i) => this.#child(item, `item ${i + 1}`, this.line));
  }

  /** A text; numbers and truth values as they are written. */
  text(fallback?: string): string {
    if (this.isAbsent) return fallback ?? this.refuse('is required');
    if (!isScalar(this.#node)) return this.refuse('must be text');
    const { value, source } = this.#node;
    return typeof value === 'string' ? value : (source ?? String(value));
  }

  number(fallback?: number): number {
    if (this.isAbsent) return fallback ?? this.refuse('is required');
    const value = this.scalar;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.refuse(`${this.#shown()} is not a number`);
  }

  wholeNumber(fallback: number): number {
    const value = this.number(fallback);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.refuse(`${this.#shown()} is not a whole number from 0`);
  }

  boolean(fallback: boolean): boolean {
    if (this.isAbsent) return fallback;
    return typeof this.scalar === 'boolean' ? this.scalar : this.refuse(`${this.#shown()} is neither true nor false`);
  }

  durationMs(fallback?: number): number {
    if (this.isAbsent) return fallback ?? this.refuse('is required');
    const text = this.text();
    return (text === '0' ? 0 : parseDurationMs(text)) ?? this.refuse(`${this.#shown()} is not a duration such as 30s, 5m or 1h30m`);
  }

  choice<const T extends string>(allowed: readonly T[], fallback?: T): T {
    const text = this.text(fallback);
    return allowed.find((one) => one === text) ?? this.refuse(`${this.#shown()} is not allowed; use one of: ${allowed.join(', ')}`);
  }

  #shown(): string {
    return JSON.stringify(isScalar(this.#node) ? this.text('').slice(0, 80) : '…');
  }
  #at(what: string): string {
    return this.#path === '' ? what : `${this.#path}: ${what}`;
  }
  #child(node: Node | null | undefined, name: string, line: number): YamlReader {
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    return new YamlReader(this.#source, { node, path, line });
  }
}

/** The line on which a text nests deeper than it may, before the parser, whose cost grows with the depth, has seen it. */
function lineTooDeep(text: string): number | undefined {
  let [brackets, dashes, line] = [0, 0, 1];
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?') dashes++;
    else if (token.includes('\n')) {
      dashes = 0;
      line += token.split('\n').length - 1;
    }
    if (Math.max(brackets, dashes) > DEEPEST) return line;
  }
  return undefined;
}

interface Walked {
  readonly targets: ReadonlyMap<Alias, Node>;
  /** A key that its mapping has already. */
  readonly repeated: Scalar | undefined;
}

/** What the library finds, too, but by walking the whole document for each alias, and by comparing each key with all before it. */
function walk(document: Document): Walked {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  let repeated: Scalar | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      const target = anchored.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_key, node) => void (node.anchor === undefined || anchored.set(node.anchor, node)),
    Map: (_key, map) => {
      if (map.anchor !== undefined) anchored.set(map.anchor, map);
      repeated ??= repeatedKey(map);
    },
  });
  return { targets, repeated };
}

function repeatedKey({ items }: YAMLMap): Scalar | undefined {
  const seen = new Set<unknown>();
  return items.map(({ key }) => key).find((key): key is Scalar => isScalar(key) && seen.size === seen.add(key.value).size);
}

function problem(file: string, line: number, what: string): BellwetherError {
  return new BellwetherError('rule_invalid', `${file}:${line}: ${what.replaceAll(/\s*\n\s*/g, ' ')}`, { details: { file, line } });
}
