import { CacheError } from '../../base/errors.ts';

/**
 * Values as text: JSON, and for what JSON has no words for, JSON with tags.
 *
 * Why not `v8.serialize`: its format is bound to the version of Node that wrote it (a fleet in the middle of an upgrade reads nothing), it turns class instances
 * into plain objects without a word, and reading foreign bytes with it is not promised to be safe. JSON is read by anything, and by `JSON.parse`, which is.
 *
 * Kept exactly: null, booleans, strings, all numbers, bigint, undefined, Date, Map, Set, Uint8Array, Buffer, arrays and plain objects of these (`__proto__` is a key
 * like any other). Refused, because what comes back would be something else: functions, symbols, class instances (errors, other typed arrays), sparse arrays, hidden properties, cycles.
 *
 * A value with nothing special, the usual case, is one walk without copies and one `JSON.stringify`. Otherwise specials become `{"$": kind, "v": …}`, and an object
 * with a key `$` of its own becomes a list of pairs.
 */
export interface ValueText {
  readonly text: string;
  /** The text holds tagged specials. */
  readonly isTagged: boolean;
}

/** Nested this deep, a value is taken for a cycle. */
const DEEPEST = 200;

/**
 * @param mostBytes The walk ends where the text must already be longer, so that shared references cannot blow it up.
 * @throws CacheError `cache_value_unserialisable`, with the path to what is refused.
 */
export function textOf(value: unknown, mostBytes: number): ValueText {
  if (isPlain(value, DEEPEST, { left: mostBytes })) return { text: JSON.stringify(value), isTagged: false };
  const place = { path: 'value', depth: DEEPEST, budget: { left: mostBytes } };
  return { text: JSON.stringify(tagged(value, place)), isTagged: true };
}

export function valueOf({ text, isTagged }: ValueText): unknown {
  const parsed = JSON.parse(text) as unknown;
  return isTagged ? untagged(parsed) : parsed;
}

interface Budget {
  left: number;
}

function spend(budget: Budget, bytes: number, place?: Place): void {
  budget.left -= bytes;
  if (budget.left < 0) throw refused('too large', place);
}

/** Whether JSON brings the value back as it is. */
function isPlain(value: unknown, depth: number, budget: Budget): boolean {
  spend(budget, typeof value === 'string' ? value.length : 1);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    // A hole reads as undefined, which is not plain; other properties of a list are not kept by JSON.
    for (let at = 0; at < value.length; at++) if (!isPlain(value[at], depth - 1, budget)) return false;
    return Object.keys(value).length === value.length;
  }
  if (!isPlainObject(value) || Object.hasOwn(value, '$') || Object.getOwnPropertySymbols(value).length > 0) return false;
  const names = Object.getOwnPropertyNames(value);
  if (Object.keys(value).length !== names.length) return false;
  for (const name of names) {
    spend(budget, name.length);
    if (!isPlain(value[name], depth - 1, budget)) return false;
  }
  return true;
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly budget: Budget;
}

function inside(place: Place, step: string): Place {
  return { path: `${place.path}${step}`, depth: place.depth - 1, budget: place.budget };
}

function tagged(value: unknown, place: Place): unknown {
  if (place.depth === 0) throw refused('a cycle, or nested too deep', place);
  spend(place.budget, typeof value === 'string' ? value.length : 1, place);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
    case 'undefined':
      return { $: 'undefined' };
    case 'bigint':
      return { $: 'bigint', v: String(value) };
    case 'object':
      return value === null ? null : taggedObject(value, place);
    default:
      throw refused(`a ${typeof value}`, place);
  }
}

function taggedObject(value: object, place: Place): unknown {
  if (Array.isArray(value)) {
    if (Object.keys(value).length !== value.length) throw refused('a list with holes or properties of its own', place);
    return value.map((item, at) => tagged(item, inside(place, `[${at}]`)));
  }
  switch (Object.getPrototypeOf(value)) {
    case Date.prototype:
      return { $: 'date', v: (value as Date).getTime() };
    case Map.prototype: {
      const pairs = [...(value as Map<unknown, unknown>)];
      return { $: 'map', v: pairs.map((pair, at) => pair.map((part) => tagged(part, inside(place, `[${at}]`)))) };
    }
    case Set.prototype:
      return { $: 'set', v: Array.from(value as Set<unknown>, (item, at) => tagged(item, inside(place, `[${at}]`))) };
    case Buffer.prototype:
      return { $: 'buffer', v: (value as Buffer).toString('base64') };
    case Uint8Array.prototype: {
      const { buffer, byteOffset, byteLength } = value as Uint8Array<ArrayBuffer>;
      return { $: 'bytes', v: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
    }
  }
  if (!isPlainObject(value)) throw refused(`an instance of ${value.constructor?.name || 'a class'}`, place);
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused('an object with symbols for keys', place);
  if (Object.keys(value).length !== Object.getOwnPropertyNames(value).length) throw refused('an object with hidden properties', place);
  const pairs = Object.entries(value).map(([name, part]) => {
    spend(place.budget, name.length, place);
    return [name, tagged(part, inside(place, `.${name}`))] as const;
  });
  return Object.hasOwn(value, '$') ? { $: 'object', v: pairs } : Object.fromEntries(pairs);
}

function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(untagged);
  if (!Object.hasOwn(value, '$')) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, untagged(part)]));
  const { $: kind, v } = value as { readonly $: unknown; readonly v?: unknown };
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(v);
    case 'bigint':
      return BigInt(v as string);
    case 'date':
      return new Date(v === null ? Number.NaN : (v as number));
    case 'map':
      return new Map((v as [unknown, unknown][]).map(([key, part]) => [untagged(key), untagged(part)]));
    case 'set':
      return new Set((v as unknown[]).map(untagged));
    case 'buffer':
      return Buffer.from(v as string, 'base64');
    case 'bytes':
      return new Uint8Array(Buffer.from(v as string, 'base64'));
    case 'object':
      return Object.fromEntries((v as [string, unknown][]).map(([name, part]) => [name, untagged(part)]));
    default:
      throw new Error(`there is no kind of value called ${String(kind)}`);
  }
}

function refused(what: string, { path }: Pick<Place, 'path'> = { path: 'value' }): CacheError {
  return new CacheError('cache_value_unserialisable', `${path} is ${what}, which cannot be kept in the second tier.`, {
    hint: 'Store plain data: JSON, bigint, dates, maps, sets and bytes. Values that getOrLoad() or wrap() loads stay in memory only.',
    details: { path },
  });
}
