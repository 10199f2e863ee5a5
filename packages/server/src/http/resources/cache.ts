import { z } from 'zod';
import type { CacheEntryList } from '../../api-types.ts';
import { fullCacheStatsView } from '../metric-view.ts';
import { text, wholeNumber } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { cacheEntryListSchema, fullCacheStatsSchema } from '../schemas.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Cache';
const BASE = '/api/v1/performance/cache';

/** Quoted as the contract's examples have it. */
function tagList(tags: readonly string[]): string {
  return `[${tags.map((tag) => `'${tag.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`).join(', ')}]`;
}

export const cacheRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${BASE}/stats`,
    tag: TAG,
    summary: 'Statistics of the process’s caches together, or of one',
    scope: 'read',
    query: strictObject({ cache: text(200) }),
    answer: fullCacheStatsSchema,
    handle: async ({ query }, { engine }) => fullCacheStatsView(await engine.caches.stats(query.cache)),
  }),
  route({
    method: 'GET',
    path: `${BASE}/entries`,
    tag: TAG,
    summary: 'Entries without their values',
    scope: 'read',
    query: strictObject({
      tag: text(),
      cache: text(200),
      offset: wholeNumber({ from: 0, to: 100_000_000, fallback: 0 }),
      limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }),
    }),
    answer: cacheEntryListSchema,
    handle: async ({ query }, { engine }): Promise<CacheEntryList> => {
      const { tag, cache, offset, limit } = query;
      const page = await engine.caches.entryPage({
        offset,
        limit,
        ...(tag === undefined ? {} : { tag }),
        ...(cache === undefined ? {} : { cache }),
      });
      const entries = page.entries.map((entry) => ({
        key: entry.key,
        size_bytes: entry.sizeBytes,
        ttl_seconds: entry.ttlSeconds === null ? null : Math.round(entry.ttlSeconds * 1000) / 1000,
        tags: entry.tags,
      }));
      return { entries, count: entries.length, total: page.total, offset, limit };
    },
  }),
  route({
    method: 'POST',
    path: `${BASE}/clear`,
    tag: TAG,
    summary: 'Remove entries that have any of the tags; all without tags',
    scope: 'admin',
    body: strictObject({ tags: z.array(z.string().min(1).max(500)).max(1000).optional() }).optional(),
    audit: 'cache.clear',
    handle: async ({ body }, { engine }) => {
      if (body?.tags !== undefined && body.tags.length > 0) {
        const removed = await engine.caches.deleteByTags(body.tags);
        return `Cleared ${removed} cache entries with tags: ${tagList(body.tags)}`;
      }
      await engine.caches.clear();
      return 'Cleared all cache entries';
    },
  }),
  route({
    method: 'POST',
    path: `${BASE}/cleanup`,
    tag: TAG,
    summary: 'Remove expired entries now',
    scope: 'admin',
    body: strictObject({}).optional(),
    audit: 'cache.cleanup',
    handle: async (_request, { engine }) => `Removed ${await engine.caches.cleanup()} expired cache entries`,
  }),
];
