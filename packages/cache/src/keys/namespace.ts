import { CacheError, shown } from '../base/errors.ts';
import type { LoadOptions } from '../loading/load-options.ts';
import type { LoadContext } from '../loading/load-pipeline.ts';
import type { EntryOptions } from '../types.ts';

/** What a namespace needs of its cache. */
export interface NamespacedCache {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown, options?: EntryOptions): Promise<void>;
  has(key: string): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  getOrLoad<T>(key: string, load: (context: LoadContext) => T, options?: LoadOptions<Awaited<T>>): Promise<Awaited<T>>;
  deleteByTags(tags: readonly string[]): Promise<number>;
}

export interface NamespaceOptions {
  /** Version of what is kept: entries of other versions are not seen, so a new release does not read the old one's shapes. A whole number ≥ 1. @default 1 */
  readonly version?: number;
}

/**
 * A part of a cache with keys of its own. A key `k` of namespace `prices`, version 2, is `prices@2:k` in the cache, and every entry also carries the tag
 * `namespace/prices/2`; so `clear()` is one tag invalidation, and a load under way during it is not kept.
 */
export class CacheNamespace {
  readonly name: string;
  readonly #cache: NamespacedCache;
  #version: number;

  constructor(cache: NamespacedCache, name: string, options: NamespaceOptions = {}) {
    const { version = 1 } = options;
    if (typeof name !== 'string' || !/^[^@:/]{1,200}$/.test(name))
      throw new CacheError(
        'cache_option_invalid',
        `A namespace is called ${shown(name)}; allowed: 1 to 200 characters without @, : and /.`,
      );
    if (!Number.isSafeInteger(version) || version < 1)
      throw new CacheError('cache_option_invalid', `version is ${shown(version)}; allowed: a whole number of 1 or more.`);
    this.name = name;
    this.#cache = cache;
    this.#version = version;
  }

  get version(): number {
    return this.#version;
  }
  async get<T = unknown>(key: string): Promise<T | undefined> {
    return await this.#cache.get<T>(this.keyOf(key));
  }
  async set(key: string, value: unknown, options: EntryOptions = {}): Promise<void> {
    await this.#cache.set(this.keyOf(key), value, this.#tagged(options));
  }
  async has(key: string): Promise<boolean> {
    return await this.#cache.has(this.keyOf(key));
  }
  async delete(key: string): Promise<boolean> {
    return await this.#cache.delete(this.keyOf(key));
  }
  getOrLoad<T>(key: string, load: (context: LoadContext) => T, options: LoadOptions<Awaited<T>> = {}): Promise<Awaited<T>> {
    return this.#cache.getOrLoad(this.keyOf(key), load, this.#tagged(options));
  }
  /** Removes this namespace's entries, of every version; returns how many there were. */
  async clear(): Promise<number> {
    return await this.#cache.deleteByTags([`namespace/${this.name}`]);
  }
  /** Goes to the next version and removes the entries of the present one. Returns the new version. */
  async nextVersion(): Promise<number> {
    const old = this.#version++;
    await this.#cache.deleteByTags([`namespace/${this.name}/${old}`]);
    return this.#version;
  }
  /** The key in the cache. */
  keyOf(key: string): string {
    return `${this.name}@${this.#version}:${key}`;
  }
  #tagged<O extends { readonly tags?: readonly string[] }>(options: O): O {
    return { ...options, tags: [...(options.tags ?? []), `namespace/${this.name}/${this.#version}`] };
  }
}
