import type { Clock, Timer } from '@bellwether/monitor';
import { createEnhancedCache, type EnhancedCache } from '@bellwether/cache';
import type { OddsClient, Odds } from '../downstream/odds-client.ts';
import { blockLoop } from '../faults/block-loop.ts';
import type { FaultBoard } from '../faults/fault-board.ts';
import { leaderboard, listMarkets, marketById, type Leader, type MarketDetail, type MarketSummary } from '../market/catalogue.ts';
import type { MarketDatabase } from '../market/database.ts';
import { orderBook, type BookLevel, type Outcome } from '../market/order-book.ts';
import { CATEGORIES } from '../market/seed.ts';

export interface ReadSources {
  readonly database: MarketDatabase;
  readonly cache: EnhancedCache;
  readonly odds: OddsClient;
  readonly faults: FaultBoard;
  readonly clock: Clock;
}

const SMALL_CACHE_ENTRIES = 8;
const BLOCKING_MS = 250;
const TICKER_TTL_SECONDS = 15;
const TICKER_REFRESH_MS = 4000;
const STAMPEDE_TTL_SECONDS = 0.5;
/** Markets that are kept warm from the start. */
const WARM_MARKETS = 240;

/** Everything that is read more often than it changes, through the cache. Tags follow the data: `market/12` is cleared when market 12 trades. */
export class CachedReads implements Disposable {
  readonly #sources: ReadSources;
  #small: EnhancedCache | undefined;
  #refresh: Timer | undefined;
  #isDisposed = false;

  constructor(sources: ReadSources) {
    this.#sources = sources;
  }

  markets(category: string | undefined): Promise<MarketSummary[]> {
    const { database } = this.#sources;
    return this.#cache().getOrLoad(`markets:${category ?? 'all'}`, () => listMarkets(database, category), { ttl: 10, tags: ['markets'] });
  }
  market(id: number): Promise<MarketDetail> {
    const { database } = this.#sources;
    return this.#cache().getOrLoad(`market:${id}`, () => marketById(database, id), { ttl: 120, tags: [`market/${id}`] });
  }
  book(id: number): Promise<Record<Outcome, BookLevel[]>> {
    const { database } = this.#sources;
    return this.#cache().getOrLoad(`book:${id}`, () => orderBook(database, id), { ttl: 120, tags: [`market/${id}`] });
  }
  leaders(): Promise<Leader[]> {
    const { database, faults, clock } = this.#sources;
    if (faults.isOn('blocking')) {
      blockLoop(clock, BLOCKING_MS);
      return Promise.resolve(leaderboard(database));
    }
    return this.#cache().getOrLoad('leaders', () => leaderboard(database), { ttl: 5, tags: ['leaders'] });
  }
  /** Not cached for long: it is somebody else's data and moves by itself. */
  odds(id: number): Promise<Odds> {
    return this.#sources.odds.odds(id);
  }
  /** The ticker that lists and pages of markets show. */
  async ticker(): Promise<Odds> {
    const { odds, faults } = this.#sources;
    if (!faults.isOn('stampede'))
      return await this.#cache().getOrLoad('ticker', () => odds.ticker(), { ttl: TICKER_TTL_SECONDS, tags: ['ticker'] });
    const cached = await this.#cache().get<Odds>('ticker');
    if (cached !== undefined) return cached;
    const loaded = await odds.ticker();
    await this.#cache().set('ticker', loaded, { ttl: STAMPEDE_TTL_SECONDS, tags: ['ticker'] });
    return loaded;
  }

  /** What an order changed must not be served from the cache. */
  async forget(marketId: number): Promise<void> {
    await this.#cache().deleteByTags([`market/${marketId}`]);
  }
  /** Fills the cache before the first visitor comes. */
  async warm(): Promise<void> {
    const { database, cache } = this.#sources;
    const markets = Array.from({ length: WARM_MARKETS }, (_, i) => i + 1).flatMap((id) => [
      { key: `market:${id}`, value: marketById(database, id), ttl: 60 + id, tags: [`market/${id}`] },
      { key: `book:${id}`, value: orderBook(database, id), ttl: 60 + id, tags: [`market/${id}`] },
    ]);
    const lists = [undefined, ...CATEGORIES].map((category) => ({
      key: `markets:${category ?? 'all'}`,
      value: listMarkets(database, category),
      ttl: 10,
      tags: ['markets'],
    }));
    await cache.warm([...lists, ...markets]);
    await this.#refreshTicker();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#refresh?.cancel();
    this.#small?.dispose();
  }

  /** Renews the ticker before it expires, so that no visitor waits for it. */
  async #refreshTicker(): Promise<void> {
    const { cache, odds, faults, clock } = this.#sources;
    if (!faults.isOn('stampede')) {
      const loaded = await odds.ticker().catch(() => undefined);
      if (loaded !== undefined) await cache.set('ticker', loaded, { ttl: TICKER_TTL_SECONDS, tags: ['ticker'] });
    }
    if (!this.#isDisposed) this.#refresh = clock.schedule(TICKER_REFRESH_MS, () => void this.#refreshTicker());
  }

  #cache(): EnhancedCache {
    if (!this.#sources.faults.isOn('small-cache')) {
      this.#small?.dispose();
      this.#small = undefined;
      return this.#sources.cache;
    }
    return (this.#small ??= createEnhancedCache({ name: 'small', maxSize: SMALL_CACHE_ENTRIES, defaultTtl: 60 }));
  }
}
