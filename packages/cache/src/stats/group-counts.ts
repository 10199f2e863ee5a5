import type { CacheGroupStatistics } from '../types.ts';

/** Groups with a row of their own; the rest share one. */
const MOST_GROUPS = 100;
const LONGEST_NAME = 64;
export const OTHER = '(other)';

/** Reads and loads of one group. Hits and misses are estimated from a sample, loads are exact. */
export class GroupCount {
  hits = 0;
  misses = 0;
  loads = 0;
  loadFailures = 0;
  loadMs = 0;
  staleServes = 0;
}

/** Counts by the name of a group. The first 100 names have a row each, all later ones the row `(other)`: foreign input cannot make it grow. */
export class GroupCounts {
  readonly #groups = new Map<string, GroupCount>();

  of(name: string): GroupCount {
    const short = name.slice(0, LONGEST_NAME);
    const known = this.#groups.get(short);
    if (known !== undefined) return known;
    const mine = this.#groups.size < MOST_GROUPS ? short : OTHER;
    const count = this.#groups.get(mine) ?? new GroupCount();
    this.#groups.set(mine, count);
    return count;
  }
  /** Rows with what is in memory now, most read first. @param held Entries and bytes by name. */
  rows(held: ReadonlyMap<string, { readonly entries: number; readonly bytes: number }>): CacheGroupStatistics[] {
    const inMemory = new Map<string, { entries: number; bytes: number }>();
    for (const [name, { entries, bytes }] of held) {
      const short = name.slice(0, LONGEST_NAME);
      const mine = this.#groups.has(short) || (this.#groups.size < MOST_GROUPS && inMemory.size < MOST_GROUPS) ? short : OTHER;
      const sum = inMemory.get(mine) ?? { entries: 0, bytes: 0 };
      inMemory.set(mine, { entries: sum.entries + entries, bytes: sum.bytes + bytes });
    }
    const names = new Set([...this.#groups.keys(), ...inMemory.keys()]);
    return Array.from(names, (name) => row(name, this.#groups.get(name) ?? new GroupCount(), inMemory.get(name))).sort(
      (left, right) => right.hits + right.misses - left.hits - left.misses,
    );
  }
}

function row(
  name: string,
  count: GroupCount,
  held: { readonly entries: number; readonly bytes: number } | undefined,
): CacheGroupStatistics {
  const reads = count.hits + count.misses;
  return {
    name,
    hits: count.hits,
    misses: count.misses,
    hit_rate: reads === 0 ? 0 : Math.round((1000 * count.hits) / reads) / 10,
    entry_count: Math.round(held?.entries ?? 0),
    total_size: Math.round(held?.bytes ?? 0),
    loads: count.loads,
    load_failures: count.loadFailures,
    load_seconds: count.loadMs / 1000,
    stale_serves: count.staleServes,
  };
}

/** Text before the first `:` or `(` of a key: the prefix of a hand-made or wrapped key. */
export function keyPrefix(key: string): string {
  const end = key.search(/[:(]/);
  return end <= 0 ? '(none)' : key.slice(0, end);
}
/** First step of a hierarchical tag: `market/456` → `market`. */
export function tagRoot(tag: string): string {
  const end = tag.indexOf('/', 1);
  return end === -1 ? tag : tag.slice(0, end);
}
