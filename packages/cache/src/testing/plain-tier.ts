import type { SecondTier, TierEntry, TierLoad, TierStatistics } from '../tiers/second-tier.ts';

/** A second tier in this process that answers when told. No lifetimes, no leases. */
export class PlainTier implements SecondTier {
  readonly entries: Map<string, TierEntry> = new Map();
  readonly #waiting: { readonly isRead: boolean; readonly run: () => void }[] = [];
  readonly #idle: (() => void)[] = [];

  attach(): void {}
  detach(): void {}
  async get(key: string): Promise<TierEntry | undefined> {
    return await this.#ask(() => this.entries.get(key), true);
  }
  async getOrLoad(key: string, { load, isCurrent }: TierLoad): Promise<TierEntry> {
    const known = await this.get(key);
    if (known !== undefined) return known;
    const entry = await load();
    if (isCurrent() && entry.freshForMs > 0)
      await this.#ask(() => {
        if (isCurrent()) this.entries.set(key, entry);
      });
    return entry;
  }
  prepareSet(key: string, entry: TierEntry): () => Promise<void> {
    return async () => void (await this.#ask(() => this.entries.set(key, entry)));
  }
  stats(): TierStatistics {
    return {
      state: 'up',
      hits: 0,
      misses: 0,
      waits: 0,
      fills: this.entries.size,
      refused_fills: 0,
      unserialisable: 0,
      unreadable: 0,
      outages: 0,
      failures: 0,
      late: 0,
      pending_invalidations: this.#waiting.filter(({ isRead }) => !isRead).length,
      memory_forgotten: 0,
      last_error: null,
    };
  }
  async delete(key: string): Promise<boolean> {
    return await this.#ask(() => this.entries.delete(key));
  }
  async deleteByTags(tags: readonly string[]): Promise<number> {
    return await this.#ask(() => {
      const before = this.entries.size;
      const hits = (own: string): boolean => tags.some((tag) => own === tag || own.startsWith(`${tag}/`));
      for (const [key, entry] of this.entries) if (entry.tags.some(hits)) this.entries.delete(key);
      return before - this.entries.size;
    });
  }
  async clear(): Promise<void> {
    await this.#ask(() => this.entries.clear());
  }
  /** Calls back once no question is left without an answer. */
  whenIdle(callback: () => void): void {
    if (this.#waiting.length === 0) callback();
    else this.#idle.push(callback);
  }
  /** Answers one of the questions: reads in any order, writes as they were asked. */
  answer(which = 0): void {
    const chosen = this.#waiting[which % Math.max(1, this.#waiting.length)];
    if (chosen === undefined) return;
    const at = chosen.isRead ? this.#waiting.indexOf(chosen) : this.#waiting.findIndex(({ isRead }) => !isRead);
    const [next] = this.#waiting.splice(at, 1);
    next?.run();
    if (this.#waiting.length === 0) for (const callback of this.#idle.splice(0)) callback();
  }
  answerAll(): void {
    while (this.#waiting.length > 0) this.answer();
  }

  #ask<T>(answer: () => T, isRead = false): Promise<T> {
    return new Promise((resolve) => this.#waiting.push({ isRead, run: () => resolve(answer()) }));
  }
}
