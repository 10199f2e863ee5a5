/** Why a record was not kept. A record with several faults counts under the first found. */
export const DROP_REASONS = [
  'clock_jump',
  'kind_conflict',
  'label_limit',
  'label_name',
  'label_value',
  'metric_limit',
  'name',
  'negative',
  'not_finite',
  'observer_failed',
  'series_limit',
] as const;
export type RecordDropReason = (typeof DROP_REASONS)[number];

/**
 * Records that were not kept, by reason: `bellwether_dropped_records_total`. `series_limit` alone is not lost altogether: such a record
 * goes to its metric's overflow series.
 */
export class DropCounts {
  readonly #counts: Float64Array = new Float64Array(DROP_REASONS.length);

  count(reason: RecordDropReason): void {
    const position = DROP_REASONS.indexOf(reason);
    this.#counts[position] = (this.#counts[position] as number) + 1;
  }
  of(reason: RecordDropReason): number {
    return this.#counts[DROP_REASONS.indexOf(reason)] as number;
  }
}
