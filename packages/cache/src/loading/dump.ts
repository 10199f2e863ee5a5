import type { CacheClock } from '../base/clock.ts';
import { CacheError, shown } from '../base/errors.ts';
import type { MemoryStore } from '../core/memory-store.ts';
import { SLOTS_PER_TURN, turn } from '../core/walk.ts';
import { checkKey, checkTags, ttlToMs } from '../limits.ts';
import type { LoadReport } from '../types.ts';
import type { TierEntry } from '../tiers/second-tier.ts';
import type { Flights } from './flights.ts';

/** One entry as plain data: JSON if its value is. */
export interface DumpRecord {
  readonly key: string;
  readonly value: unknown;
  /** Wall time of the logical expiry, ms since the Unix epoch; `null`: never. */
  readonly expiresAtMs: number | null;
  /** Time after that during which the value is kept as a stale one, in ms. @default 0 */
  readonly keptForMs?: number;
  /** What its last load took, in ms. @default 0, unknown */
  readonly loadMs?: number;
  /** @default none */
  readonly tags?: readonly string[];
}

export interface DumpParts {
  readonly store: MemoryStore;
  readonly clock: CacheClock;
}
export interface RestoreParts extends DumpParts {
  readonly flights: Flights;
  keep(key: string, entry: TierEntry): void;
}

/** The live entries, those first that the policy would keep longest. 4 bytes of memory an entry for the order; a thousand entries a turn. */
export async function* dumpOf({ store, clock }: DumpParts): AsyncGenerator<DumpRecord, void, undefined> {
  const slots = store.slotsByHeat();
  for (const [index, slot] of slots.entries()) {
    if (index % SLOTS_PER_TURN === SLOTS_PER_TURN - 1) await turn();
    const nowMs = clock.monotonicMs();
    if (slot >= store.endSlot || store.expiresAtMs(slot) <= nowMs || !store.isHeldAt(slot, nowMs)) continue;
    const leftMs = store.expiresAtMs(slot) - nowMs;
    yield {
      key: store.keyAt(slot),
      value: store.valueAt(slot),
      expiresAtMs: leftMs === Infinity ? null : clock.nowMs() + leftMs,
      keptForMs: leftMs === Infinity ? 0 : store.keptUntilMs(slot) - store.expiresAtMs(slot),
      loadMs: store.loadMs(slot),
      tags: store.tagsAt(slot)?.names ?? [],
    };
  }
}

/**
 * Puts the records of a dump into memory until it is full; nothing leaves for them. A record is passed over if it has expired, if its key is there, or if
 * the key, a tag of it or everything was written or invalidated since the restoring began: so it may run while the service works. The hottest
 * come first and are touched last, so the order of use is as it was.
 */
export async function restore(parts: RestoreParts, records: AsyncIterable<DumpRecord> | Iterable<DumpRecord>): Promise<LoadReport> {
  const { store, clock, flights, keep } = parts;
  const report = { loaded: 0, skipped: 0, failed: 0 };
  const restored: string[] = [];
  const watch = flights.watch();
  try {
    for await (const record of records) {
      if (store.size >= store.maxEntries || watch.isOvertaken) break;
      const entry = entryOf(record, clock);
      if (entry === undefined) report.failed++;
      else if (entry.freshForMs <= 0 || store.peekKept(record.key, clock.monotonicMs()) !== 0 || !watch.mayKeep(record.key, entry.tags))
        report.skipped++;
      else {
        keep(record.key, entry);
        restored.push(record.key);
        report.loaded++;
      }
      if ((report.loaded + report.skipped + report.failed) % SLOTS_PER_TURN === 0) await turn();
    }
    for (let index = restored.length - 1; index >= 0; index--) {
      store.read(restored[index] as string, clock.monotonicMs());
      if (index % SLOTS_PER_TURN === 0) await turn();
    }
  } finally {
    watch.end();
  }
  return report;
}

/** `undefined` for a record that is none. */
function entryOf(record: DumpRecord, clock: CacheClock): TierEntry | undefined {
  try {
    const { key, value, expiresAtMs, keptForMs = 0, loadMs = 0, tags = [] } = record;
    checkKey(key);
    checkTags(tags);
    const freshForMs = expiresAtMs === null ? Infinity : expiresAtMs - clock.nowMs();
    if (freshForMs > 0) ttlToMs(expiresAtMs === null ? null : freshForMs / 1000);
    if (!(freshForMs <= Infinity) || !isSpan(keptForMs) || !isSpan(loadMs)) return undefined;
    return { value, freshForMs, keptForMs, tags, loadMs };
  } catch (error) {
    if (error instanceof CacheError || error instanceof TypeError) return undefined;
    throw error;
  }
}

const isSpan = (ms: number): boolean => typeof ms === 'number' && ms >= 0 && ms < Infinity;

/** @throws {CacheError} `cache_option_invalid` unless `records` can be iterated. */
export function checkRecords(records: AsyncIterable<DumpRecord> | Iterable<DumpRecord>): void {
  if (typeof records === 'object' && records !== null && (Symbol.asyncIterator in records || Symbol.iterator in records)) return;
  throw new CacheError('cache_option_invalid', `load() takes an iterable of records; got ${shown(records)}.`, {
    hint: 'Give what dump() gave, or a generator that parses it from a file. For one key see getOrLoad().',
  });
}
