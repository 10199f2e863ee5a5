import { CacheError, shown } from '../base/errors.ts';

/**
 * Text of a call's arguments that two calls share exactly when their arguments are equal by value.
 *
 * The encoding is injective, so different arguments cannot collide: strings are JSON-quoted; `1`, `1n`, `'1'`, `true`, `null`,
 * `undefined`, `NaN` and `-0` all differ; object properties are sorted, so `{a, b}` equals `{b, a}`; dates, regular expressions, URLs, maps,
 * sets and bytes carry a letter of their own. What has identity rather than value cannot be encoded and throws: functions, symbols,
 * promises, class instances, cycles. O(size of the arguments).
 * @throws {CacheError} `cache_argument_unsupported`, naming the path of the offending value.
 */
export function argumentKey(args: readonly unknown[]): string {
  let text = '(';
  for (let index = 0; index < args.length; index++) {
    if (index > 0) text += ',';
    const value = args[index];
    text += typeof value === 'number' && value !== 0 ? String(value) : encode(value, () => `argument ${index + 1}`, []);
  }
  return `${text})`;
}

type Path = () => string;

function encode(value: unknown, path: Path, parents: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : encodeObject(value, path, parents);
    default:
      throw unsupported(path, `is ${typeof value === 'function' ? 'a function' : 'a symbol'}`);
  }
}

function encodeObject(value: object, path: Path, parents: readonly object[]): string {
  if (parents.includes(value)) throw unsupported(path, 'refers back to itself');
  const below = [...parents, value];
  if (Array.isArray(value)) return `[${value.map((item, index) => encode(item, () => `${path()}[${index}]`, below)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return encodeRecord(value as Record<string, unknown>, path, below);
  if (prototype === Date.prototype) return `D${(value as Date).getTime()}`;
  if (prototype === RegExp.prototype) return `R${JSON.stringify((value as RegExp).toString())}`;
  if (prototype === URL.prototype) return `U${JSON.stringify((value as URL).href)}`;
  if (prototype === Map.prototype) return encodeMap(value as Map<unknown, unknown>, path, below);
  if (prototype === Set.prototype)
    return `S{${[...(value as Set<unknown>)]
      .map((item) => encode(item, path, below))
      .sort()
      .join(',')}}`;
  if (ArrayBuffer.isView(value)) return encodeBytes(value);
  throw unsupported(path, `is an instance of ${(value as { constructor?: { name?: string } }).constructor?.name || 'a class'}`);
}

function encodeRecord(value: Readonly<Record<string, unknown>>, path: Path, parents: readonly object[]): string {
  if (Object.getOwnPropertySymbols(value).length > 0) throw unsupported(path, 'has a symbol for a property name');
  const parts = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${encode(value[name], () => `${path()}.${name}`, parents)}`);
  return `{${parts.join(',')}}`;
}

function encodeMap(value: ReadonlyMap<unknown, unknown>, path: Path, parents: readonly object[]): string {
  const parts = [...value].map(([key, item]) => `${encode(key, path, parents)}=>${encode(item, path, parents)}`);
  return `M{${parts.sort().join(',')}}`;
}

function encodeBytes(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return `B${view.constructor.name}:${bytes.toString('base64')}`;
}

function unsupported(path: Path, what: string): CacheError {
  return new CacheError('cache_argument_unsupported', `${capitalised(path())} ${what}, which cannot be part of a cache key.`, {
    hint: 'Pass plain values, or give the `key` option: a function from the arguments to a string.',
    details: { path: path() },
  });
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Stands for `this` in a wrapped function: any use of it throws, because a result that depends on `this` would be served to callers
 * with another `this`.
 */
export const unusableThis: object = new Proxy(Object.freeze(Object.create(null) as object), {
  get: (_target, name) => refuseThis(`.${String(name)}`),
  set: (_target, name) => refuseThis(`.${String(name)}`),
  has: () => refuseThis(''),
  ownKeys: () => refuseThis(''),
  getOwnPropertyDescriptor: () => refuseThis(''),
});

function refuseThis(part: string): never {
  throw new CacheError(
    'cache_argument_unsupported',
    `The wrapped function uses \`this${part}\`, and \`this\` is not part of its cache key.`,
    {
      hint: `Use cacheDecorator() on the method, or wrap an arrow function that captures what it needs (${shown('() => this.load()')}).`,
    },
  );
}
