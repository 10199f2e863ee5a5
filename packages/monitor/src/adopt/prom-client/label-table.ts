import { inspect } from 'node:util';

/** Values of labels as prom-client takes them. */
export type LabelValues<T extends string> = Partial<Record<T, string | number>>;

/** Labels inside the shim: whatever a caller gave, printed when it is exposed. */
export type GivenLabels = Readonly<Record<string, unknown>>;

/** Whatever was given, as text. */
export function labelText(value: unknown): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- an object is shown as prom-client shows it
  return String(value);
}

type PathNode<E> = Map<unknown, PathNode<E> | E>;

const CACHEABLE: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'undefined']);

/**
 * The series of one metric by its labels. Looked up by the declared label names in turn on the raw values, which allocates nothing and builds no
 * key; a combination not seen in this form before is found by the text that prom-client's own key has, so that `200` and `'200'` are one.
 */
export class LabelTable<E extends { readonly labels: GivenLabels }> {
  readonly #names: readonly string[];
  readonly #sorted: readonly string[];
  readonly #entries = new Map<string, E>();
  #paths: PathNode<E> = new Map();
  #bare: E | undefined;

  constructor(names: readonly string[]) {
    this.#names = [...names];
    this.#sorted = [...names].sort();
  }

  /** @throws {Error} for a label that was not declared. */
  validate(labels: GivenLabels): void {
    for (const name in labels) {
      if (!this.#names.includes(name))
        throw new Error(`Added label "${name}" is not included in initial labelset: ${inspect(this.#names)}`);
    }
  }

  /** The series with these labels, made by `create` when new. @throws {Error} for a label that was not declared. */
  entry(labels: GivenLabels | undefined, create: (labels: GivenLabels) => E): E {
    if (labels === undefined) return (this.#bare ??= this.#slowEntry({}, create));
    this.validate(labels);
    let node: PathNode<E> | E | undefined = this.#paths;
    for (const name of this.#names) {
      node = (node as PathNode<E>).get(labels[name]);
      if (node === undefined) return this.#slowEntry(labels, create);
    }
    return node instanceof Map ? this.#slowEntry(labels, create) : node;
  }

  get(labels: GivenLabels): E | undefined {
    return this.#entries.get(this.#keyOf(labels));
  }

  remove(labels: GivenLabels): void {
    this.#entries.delete(this.#keyOf(labels));
    this.#forgetPaths();
  }

  clear(): void {
    this.#entries.clear();
    this.#forgetPaths();
  }

  /** In the order they came to be. */
  values(): IterableIterator<E> {
    return this.#entries.values();
  }

  #forgetPaths(): void {
    this.#paths = new Map();
    this.#bare = undefined;
  }

  #slowEntry(labels: GivenLabels, create: (labels: GivenLabels) => E): E {
    const key = this.#keyOf(labels);
    let entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, (entry = create({ ...labels })));
    this.#addPath(labels, entry);
    return entry;
  }

  #addPath(labels: GivenLabels, entry: E): void {
    const last = this.#names.at(-1);
    // An object would be known by its identity, which is another at each call.
    if (last === undefined || !this.#names.every((name) => CACHEABLE.has(typeof labels[name]))) return;
    let node = this.#paths;
    for (const name of this.#names.slice(0, -1)) {
      let next = node.get(labels[name]) as PathNode<E> | undefined;
      if (next === undefined) node.set(labels[name], (next = new Map()));
      node = next;
    }
    node.set(labels[last], entry);
  }

  #keyOf(labels: GivenLabels): string {
    let key = '';
    for (const name of this.#sorted) if (labels[name] !== undefined) key += `${name}:${labelText(labels[name])},`;
    return key;
  }
}
