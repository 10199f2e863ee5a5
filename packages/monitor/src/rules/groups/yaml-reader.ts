import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { BellwetherError } from '../../base/errors.ts';
import { parseDurationMs } from '../../query/parse/literals.ts';

/** A value of a YAML document with the line it stands on. Every reader refuses what it does not expect, in one sentence with file and line. */
export class YamlReader {
  readonly #document: Document;
  readonly #node: Node | null | undefined;
  readonly #lines: LineCounter;
  readonly #file: string;
  readonly #path: string;
  readonly #fallbackLine: number;

  private constructor(place: {
    readonly document: Document;
    readonly node: Node | null | undefined;
    readonly lines: LineCounter;
    readonly file: string;
    readonly path: string;
    readonly line: number;
  }) {
    this.#document = place.document;
    // Resolved one by one as they are read, so that aliases cannot make a small text large.
    this.#node = isAlias(place.node) ? place.node.resolve(place.document) : place.node;
    this.#lines = place.lines;
    this.#file = place.file;
    this.#path = place.path;
    this.#fallbackLine = place.line;
  }

  /** @param file names the text in errors. @throws BellwetherError `rule_invalid` when it is not YAML */
  static parse(text: string, file: string): YamlReader {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, version: '1.2', schema: 'core' });
    const reader = new YamlReader({ document, node: document.contents, lines, file, path: '', line: 1 });
    const [error] = document.errors;
    if (error !== undefined) throw problem(file, lines.linePos(error.pos[0]).line, error.message.split('\n')[0] ?? 'it is not YAML');
    return reader;
  }

  get line(): number {
    const range = this.#node?.range;
    return range === undefined || range === null ? this.#fallbackLine : this.#lines.linePos(range[0]).line;
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
    return this.#node === null || this.#node === undefined ? undefined : this.#node.toJS(this.#document, { maxAliasCount: 0 });
  }
  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** @throws BellwetherError `rule_invalid`: file, line and `what` */
  refuse(what: string): never {
    throw problem(this.#file, this.line, this.#path === '' ? what : `${this.#path}: ${what}`);
  }

  /** Members by name. @param allowed the only names that may stand there; `undefined` allows any. */
  members(allowed?: readonly string[]): ReadonlyMap<string, YamlReader> {
    const members = new Map<string, YamlReader>();
    if (this.isAbsent) return members;
    if (!isMap(this.#node)) return this.refuse('must be a mapping');
    for (const pair of this.#node.items as Pair<Node, Node | null>[]) {
      const name = isScalar(pair.key) ? String(pair.key.value) : this.refuse('keys must be plain text');
      const line = pair.key.range === undefined || pair.key.range === null ? this.line : this.#lines.linePos(pair.key.range[0]).line;
      const member = this.#child(pair.value, name, line);
      if (allowed !== undefined && !allowed.includes(name))
        throw problem(this.#file, line, `${this.#at(`unknown key "${name}"`)}; allowed: ${allowed.join(', ')}`);
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
    return new YamlReader({ document: this.#document, node, lines: this.#lines, file: this.#file, path, line });
  }
}

function problem(file: string, line: number, what: string): BellwetherError {
  return new BellwetherError('rule_invalid', `${file}:${line}: ${what.replaceAll(/\s*\n\s*/g, ' ')}`, { details: { file, line } });
}
