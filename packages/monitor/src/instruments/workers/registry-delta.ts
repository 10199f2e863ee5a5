import type { SeriesDescriptor } from '../../model/metric.ts';

/** A level over an interval. */
export interface LevelDelta {
  readonly last: number;
  readonly min: number;
  readonly max: number;
}

/** What a distribution took in an interval: as many buckets as it had, at its own scale, so nothing is lost on the way. */
export interface DistributionDelta extends LevelDelta {
  readonly sum: number;
  readonly scale: number;
  readonly zeros: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
}

/** What one series took since it was last asked. */
export type SeriesDelta =
  | { readonly kind: 'counter' | 'rate'; readonly series: SeriesDescriptor; readonly step: number }
  | { readonly kind: 'gauge' | 'custom'; readonly series: SeriesDescriptor; readonly level: LevelDelta }
  | { readonly kind: 'histogram'; readonly series: SeriesDescriptor; readonly distribution: DistributionDelta };

/** What a registry recorded since the last delta: plain data, as JSON too, for another thread or process to add to its own. */
export type RegistryDelta = readonly SeriesDelta[];
