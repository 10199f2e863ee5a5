import { CacheError, shown } from '../base/errors.ts';
import type { WarmEntry, WarmOptions, WarmReport } from '../types.ts';

/** Runs `put` over the entries, `concurrency` at a time. Failures are counted, never thrown. @throws {CacheError} `cache_option_invalid` for a bad concurrency. */
export async function warmWith(
  entries: Iterable<WarmEntry>,
  put: (entry: WarmEntry) => Promise<unknown>,
  options: WarmOptions = {},
): Promise<WarmReport> {
  const { concurrency = 4 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new CacheError('cache_option_invalid', `concurrency is ${shown(concurrency)}; allowed: a whole number from 1.`);
  const queue = [...entries];
  const total = queue.length;
  const next = queue[Symbol.iterator]();
  let report: WarmReport = { total, loaded: 0, failed: 0 };
  const worker = async (): Promise<void> => {
    for (const entry of { [Symbol.iterator]: () => next }) {
      const hasLoaded = await put(entry).then(
        () => true,
        () => false,
      );
      report = { total, loaded: report.loaded + (hasLoaded ? 1 : 0), failed: report.failed + (hasLoaded ? 0 : 1) };
      options.onProgress?.(report);
    }
  };
  const workers = Math.min(concurrency, total);
  await Promise.all(Array.from({ length: workers }, worker));
  return report;
}
