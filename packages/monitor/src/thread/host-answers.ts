import { BellwetherError } from '../base/errors.ts';
import type { CacheControl } from '../engine/engine-api.ts';
import { localCaches } from '../engine/local-caches.ts';
import type { CacheSnapshot, HostAnswer, HostRequest } from './protocol.ts';

/** Does on the main thread what the worker asks for. */
export async function answerRequest(caches: CacheControl, request: HostRequest): Promise<HostAnswer> {
  switch (request.op) {
    case 'cacheEntryPage': {
      const { op: _, ...page } = request;
      return await caches.entryPage(page);
    }
    case 'cacheClear':
      await caches.clear();
      return undefined;
    case 'cacheDeleteByTags':
      return await caches.deleteByTags(request.tags);
    case 'cacheCleanup':
      return await caches.cleanup();
    default:
      throw new BellwetherError(
        'host_unreachable',
        `The main thread does not know ${String((request as { op: unknown }).op)}: two versions of the package are mixed`,
      );
  }
}

export function snapshotCaches(nowMs: number): CacheSnapshot {
  return { atMs: nowMs, byName: Object.fromEntries([...localCaches()].map(([name, cache]) => [name, cache.stats()])) };
}
