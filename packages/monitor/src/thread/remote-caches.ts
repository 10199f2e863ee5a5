import type { Clock } from '../base/clock.ts';
import { BellwetherError } from '../base/errors.ts';
import type { CacheControl } from '../engine/engine-api.ts';
import { sumStatistics } from '../engine/local-caches.ts';
import type { CacheEntryPage } from '../model/cache-port.ts';
import type { CacheSnapshot, HostAnswer, HostRequest } from './protocol.ts';

/** The main thread may be blocked by the very code we watch: an answer that takes longer is an error, never a hang. */
const ANSWER_WITHIN_MS = 5000;

function tooSlow(): BellwetherError {
  return new BellwetherError('host_busy', `The application's main thread did not answer within ${ANSWER_WITHIN_MS / 1000} s`, {
    hint: 'Its event loop is blocked. Try again when it is free; the recommendations may tell what blocks it.',
  });
}

interface Waiting {
  readonly resolve: (value: HostAnswer) => void;
  readonly reject: (error: BellwetherError) => void;
}

/**
 * The caches of the main thread, seen from the worker. Statistics come from the last snapshot, with its time; everything else asks the
 * main thread and fails with `host_busy` after 5 s.
 */
export class RemoteCaches implements CacheControl {
  readonly #clock: Clock;
  readonly #send: (id: number, request: HostRequest) => void;
  readonly #waiting = new Map<number, Waiting>();
  #snapshot: CacheSnapshot = { atMs: 0, byName: {} };
  #lastId = 0;

  constructor(clock: Clock, send: (id: number, request: HostRequest) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  update(snapshot: CacheSnapshot): void {
    this.#snapshot = snapshot;
  }
  answer(id: number, value: HostAnswer): void {
    this.#waiting.get(id)?.resolve(value);
  }
  refuse(id: number, message: string): void {
    this.#waiting.get(id)?.reject(new BellwetherError('host_unreachable', message));
  }

  async stats(name?: string): ReturnType<CacheControl['stats']> {
    const { byName, atMs } = this.#snapshot;
    const wanted = Object.entries(byName).flatMap(([cache, stats]) => (name === undefined || name === cache ? [stats] : []));
    return { ...sumStatistics(wanted), atMs };
  }
  async names(): Promise<readonly string[]> {
    return Object.keys(this.#snapshot.byName);
  }
  async entryPage(page: Parameters<CacheControl['entryPage']>[0]): Promise<CacheEntryPage> {
    const answer = await this.#ask({ op: 'cacheEntryPage', ...page });
    return typeof answer === 'object' ? answer : { entries: [], total: 0 };
  }
  async clear(): Promise<void> {
    await this.#ask({ op: 'cacheClear' });
  }
  async deleteByTags(tags: readonly string[]): Promise<number> {
    return Number(await this.#ask({ op: 'cacheDeleteByTags', tags }));
  }
  async cleanup(): Promise<number> {
    return Number(await this.#ask({ op: 'cacheCleanup' }));
  }

  #ask(request: HostRequest): Promise<HostAnswer> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<HostAnswer>();
    const timer = this.#clock.schedule(ANSWER_WITHIN_MS, () => reject(tooSlow()));
    this.#waiting.set(id, { resolve, reject });
    this.#send(id, request);
    return promise.finally(() => {
      timer.cancel();
      this.#waiting.delete(id);
    });
  }
}
