import { CacheError, shown } from '../base/errors.ts';
import { type LoadOptions, checkLoad, resolveLoadPolicy } from '../loading/load-options.ts';
import type { WrapOptions } from '../types.ts';
import { argumentKey, unusableThis } from './argument-key.ts';

/** A function of this kind may be wrapped: any arguments, a value or a promise. */
export type AnyFunction = (this: never, ...args: never[]) => unknown;

/** What `wrap` makes of a function: the same arguments, always a promise. */
export type Wrapped<Fn extends AnyFunction> = (...args: Parameters<Fn>) => Promise<Awaited<ReturnType<Fn>>>;

/** Works on a method in both decorator dialects: TC39 `(method, context)` and TypeScript's legacy `(target, name, descriptor)`. */
export interface CacheDecorator {
  <Fn extends AnyFunction>(method: Fn, context: ClassMethodDecoratorContext): Fn;
  (target: object, name: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor;
}

/** What wrapping needs of a cache. */
export interface LoadingCache {
  getOrLoad<T>(key: string, load: () => T, options: LoadOptions<Awaited<T>>): Promise<Awaited<T>>;
}

/**
 * Keys of wrapped functions: `prefix:name(arguments)`. Two different functions never share keys: the second with the same prefix and name gets
 * `name~2`. A decorated method's instances do not share either (`name#1`, `name#2`): a result may depend on the instance's fields.
 */
export class Wrapping {
  readonly #cache: LoadingCache;
  readonly #taken = new Map<string, WeakRef<AnyFunction>[]>();
  readonly #instances = new WeakMap<object, number>();
  #instanceCount = 0;

  constructor(cache: LoadingCache) {
    this.#cache = cache;
  }

  wrap<Fn extends AnyFunction>(fn: Fn, options: WrapOptions<Parameters<Fn>, Awaited<ReturnType<Fn>>> = {}): Wrapped<Fn> {
    if (typeof fn !== 'function') throw new CacheError('cache_option_invalid', `wrap() takes a function; got ${shown(fn)}.`);
    const prefix = this.#prefix(fn, fn.name, options.keyPrefix);
    const call = this.#caller(fn, prefix, options);
    return Object.defineProperty((...args: Parameters<Fn>) => call('', unusableThis, args), 'name', { value: fn.name });
  }

  decorator(options: WrapOptions<never, never> = {}): CacheDecorator {
    const decorate = (target: unknown, second: unknown, descriptor?: PropertyDescriptor): unknown => {
      const isLegacy = typeof second !== 'object' || second === null;
      const method = isLegacy ? (descriptor?.value as unknown) : target;
      const name = isLegacy ? (second as string | symbol) : (second as ClassMethodDecoratorContext).name;
      if (typeof method !== 'function' || (!isLegacy && (second as ClassMethodDecoratorContext).kind !== 'method')) throw misplaced(name);
      const cached = this.#method(method as AnyFunction, String(name), options);
      return isLegacy ? { ...descriptor, value: cached } : cached;
    };
    return decorate as CacheDecorator;
  }

  #method(method: AnyFunction, name: string, options: WrapOptions<never, never>): AnyFunction {
    const call = this.#caller(method, this.#prefix(method, name, options.keyPrefix), options);
    const instanceOf = (self: unknown): string => this.#instanceText(self);
    const cached = function cachedMethod(this: unknown, ...args: never[]): Promise<unknown> {
      return call(instanceOf(this), this, args);
    };
    return Object.defineProperty(cached, 'name', { value: name });
  }

  #caller(
    fn: AnyFunction,
    prefix: string,
    options: WrapOptions<never, never>,
  ): (part: string, self: unknown, args: readonly unknown[]) => Promise<never> {
    const { tags, key, keyPrefix, ...policy } = options as WrapOptions;
    checkLoad(Array.isArray(tags) ? { ...policy, tags } : policy);
    resolveLoadPolicy(policy);
    for (const [name, value] of Object.entries({ key, tags: Array.isArray(tags) ? undefined : tags }))
      if (value !== undefined && typeof value !== 'function') throw badOption(name, value, 'a function from the arguments');
    if (keyPrefix !== undefined && typeof keyPrefix !== 'string') throw badOption('keyPrefix', keyPrefix, 'a string');
    const fixed: LoadOptions = Array.isArray(tags) ? { ...policy, tags: tags as string[] } : policy;
    return async (part, self, args) => {
      const text = key === undefined ? argumentKey(args) : `(${ownKey(key(...args))})`;
      const entry = typeof tags === 'function' ? { ...fixed, tags: tags(...args) } : fixed;
      return (await this.#cache.getOrLoad(`${prefix}${part}${text}`, () => Reflect.apply(fn, self, args), entry)) as never;
    };
  }

  #prefix(fn: AnyFunction, name: string, keyPrefix: string | undefined): string {
    const stem = [keyPrefix, name].filter((part) => part !== undefined && part !== '').join(':') || 'anonymous';
    const known = this.#taken.get(stem) ?? [];
    this.#taken.set(stem, known);
    let number = known.findIndex((reference) => reference.deref() === fn);
    if (number === -1) number = known.push(new WeakRef(fn)) - 1;
    return number === 0 ? stem : `${stem}~${number + 1}`;
  }

  #instanceText(self: unknown): string {
    if (typeof self !== 'object' || self === null) return '';
    let number = this.#instances.get(self);
    if (number === undefined) this.#instances.set(self, (number = ++this.#instanceCount));
    return `#${number}`;
  }
}

/** What the option `key` gave. An object would be `[object Object]` for every call. */
function ownKey(text: unknown): string {
  if (typeof text === 'string') return text;
  throw new CacheError('cache_key_invalid', `The option key gave ${shown(text)}; allowed: a string.`, {
    hint: 'Return a string that tells calls apart.',
  });
}

function badOption(name: string, value: unknown, allowed: string): CacheError {
  return new CacheError('cache_option_invalid', `${name} is ${shown(value)}; allowed: ${allowed}.`);
}

function misplaced(name: string | symbol): CacheError {
  return new CacheError('cache_decorator_misplaced', `cacheDecorator() works on methods, and ${shown(String(name))} is not one.`, {
    hint: 'Put it on a method, or use wrap() for a function in a field.',
  });
}
