import { CacheError, shown } from '../base/errors.ts';

/** What a cache tells its listeners, by name. Hits and misses are not among them: `stats()` counts them at no cost. */
export interface CacheEvents {
  /** A value was set. */
  readonly set: { readonly key: string };
  /** An entry was deleted by its key, here or by another process through the second tier. */
  readonly delete: { readonly key: string };
  /** Tags were invalidated, here or by another process. */
  readonly invalidate: { readonly tags: readonly string[] };
  /** Everything was removed. */
  readonly clear: Readonly<Record<string, never>>;
  /** An entry was found expired, by a read or a sweep: not before its time, perhaps later. */
  readonly expire: { readonly key: string };
  /** An entry had to leave for lack of room. */
  readonly evict: { readonly key: string };
  /** A load succeeded. */
  readonly load: { readonly key: string; readonly loadMs: number };
  /** A load failed. Says nothing of the callers: a stale value may have answered them. */
  readonly loadError: { readonly key: string; readonly error: unknown };
  /** A stale value answered a caller. */
  readonly stale: { readonly key: string };
}
export type CacheEventName = keyof CacheEvents;
export type CacheListener<Name extends CacheEventName> = (event: CacheEvents[Name]) => unknown;

const NAMES: readonly CacheEventName[] = ['set', 'delete', 'invalidate', 'clear', 'expire', 'evict', 'load', 'loadError', 'stale'];
/** Events that wait for their listeners at most; more are dropped. */
const MOST_WAITING = 65_536;

/**
 * Listeners of one cache. An event is handed out in a microtask after the call that caused it, so a listener may use the cache, and one that
 * throws or rejects disturbs nobody: the first such error per event name is reported as a process warning. Without a listener an event costs one look at
 * `hears`.
 */
export class EventHub {
  /** Names that somebody listens to. Look before you build an event. */
  readonly hears: Record<CacheEventName, boolean> = {
    set: false,
    delete: false,
    invalidate: false,
    clear: false,
    expire: false,
    evict: false,
    load: false,
    loadError: false,
    stale: false,
  };
  readonly #listeners = new Map<CacheEventName, Set<CacheListener<never>>>();
  readonly #warned = new Set<CacheEventName>();
  #waiting: (() => void)[] = [];

  /** Returns a function that takes the listener off again. @throws {CacheError} `cache_option_invalid` for an unknown name or no function. */
  on<Name extends CacheEventName>(name: Name, listener: CacheListener<Name>): () => void {
    if (!NAMES.includes(name))
      throw new CacheError('cache_option_invalid', `There is no cache event ${shown(name)}.`, { hint: `Events: ${NAMES.join(', ')}.` });
    if (typeof listener !== 'function')
      throw new CacheError('cache_option_invalid', `A listener must be a function; got ${shown(listener)}.`);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // A function of its own, so that the same listener can be on twice and taken off once.
    const own: CacheListener<Name> = (event) => listener(event);
    listeners.add(own);
    this.hears[name] = true;
    return () => {
      listeners.delete(own);
      this.hears[name] = listeners.size > 0;
    };
  }
  emit<Name extends CacheEventName>(name: Name, event: CacheEvents[Name]): void {
    if (!this.hears[name] || this.#waiting.length >= MOST_WAITING) return;
    if (this.#waiting.length === 0) queueMicrotask(() => this.#handOut());
    this.#waiting.push(() => this.#tell(name, event));
  }
  clear(): void {
    for (const name of NAMES) this.hears[name] = false;
    this.#listeners.clear();
  }

  #handOut(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }
  #tell<Name extends CacheEventName>(name: Name, event: CacheEvents[Name]): void {
    for (const listener of (this.#listeners.get(name) ?? []) as Set<CacheListener<Name>>) {
      try {
        const result = listener(event);
        if (result instanceof Promise) result.catch((error: unknown) => this.#warn(name, error));
      } catch (error) {
        this.#warn(name, error);
      }
    }
  }
  #warn(name: CacheEventName, error: unknown): void {
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    process.emitWarning(
      `A listener of the cache event '${name}' failed: ${error instanceof Error ? error.message : String(error)}`,
      'CacheWarning',
    );
  }
}
