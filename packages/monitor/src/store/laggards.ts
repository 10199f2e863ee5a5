import type { CommitQueue } from './commit-queue.ts';
import type { StoredSeries } from './stored-series.ts';

/** Bytes that a sample takes in a batch, about. */
const SAMPLE_BYTES = 3;
/** Batches shorter than this together are never worth the work. */
const FREE_BYTES = 1024 * 1024;

/** The oldest batch that still holds an unsealed sample; the next one when none does. */
export function oldestNeededBatch(series: Iterable<StoredSeries>, nextBatch: number): number {
  let oldest = nextBatch;
  for (const { count, firstBatch, late } of series) {
    if (count > 0) oldest = Math.min(oldest, firstBatch);
    if (late !== undefined) oldest = Math.min(oldest, late.firstBatch);
  }
  return oldest;
}

/**
 * Keeps the write-ahead batches in proportion to what is in memory. A batch stays until all its samples are sealed, so one slow series would
 * hold the batches of all fast ones for hours. When batches take much more than the unsealed samples need, the few samples that hold
 * the older ones are written once more, into the newest. Replaying a sample twice does no harm.
 */
export function rewriteLaggards(series: readonly StoredSeries[], queue: CommitQueue): void {
  let unsealed = 0;
  for (const { count, late } of series) unsealed += count + (late?.count ?? 0);
  const allowedBytes = FREE_BYTES + 2 * SAMPLE_BYTES * unsealed;
  if (queue.batchBytes <= allowedBytes) return;
  const keptFrom = queue.newestBatchesWithin(0.8 * allowedBytes);
  for (const one of series) {
    if (one.count > 0 && one.firstBatch < keptFrom) {
      const { timesMs, values } = one.head();
      for (let i = 0; i < one.count; i++) queue.repeatSample(one.ref, timesMs[i] as number, values[i] as number);
      one.firstBatch = queue.nextBatch;
    }
    const { late } = one;
    if (late !== undefined && late.firstBatch < keptFrom) {
      for (let i = 0; i < late.count; i++) queue.repeatSample(one.ref, late.timesMs[i] as number, late.values[i] as number);
      late.firstBatch = queue.nextBatch;
    }
  }
}
