import type { BlockStore } from './block-store.ts';
import type { RollupTables } from './rollup/rollup-tables.ts';
import type { StoredSeries } from './stored-series.ts';

/** Series that retention left empty. */
export function seriesWithoutSamples(series: Iterable<StoredSeries>, blocks: BlockStore, rollups: RollupTables): StoredSeries[] {
  const isEmpty = ({ presence, chunks, count, late, lastAtMs, rolledToMs }: StoredSeries): boolean =>
    presence === 'saved' && chunks.length === 0 && count === 0 && late === undefined && lastAtMs <= rolledToMs;
  return [...series].filter((one) => isEmpty(one) && !blocks.has(one.ref) && !rollups.has(one.ref));
}
