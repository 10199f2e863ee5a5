import { FakeClock } from '../../base/fake-clock.ts';
import { seriesKey } from '../../model/labels.ts';
import type { SeriesDescriptor } from '../../model/metric.ts';
import type { WireBatch } from '../../model/sample-batch.ts';
import { createRegistry, type Registry, type RegistryOptions } from '../registry.ts';

export interface Sample {
  readonly key: string;
  readonly atMs: number;
  readonly value: number;
}

/** Takes batches as the engine does: remembers the series of earlier ones. */
export class Receiver {
  readonly series: SeriesDescriptor[] = [];
  take(batch: WireBatch | undefined): Sample[] {
    if (batch === undefined) return [];
    if (batch.firstNewSlot !== this.series.length) throw new Error('a batch was lost');
    this.series.push(...batch.newSeries);
    return Array.from(batch.slots, (slot, i) => {
      const series = this.series[slot];
      if (series === undefined) throw new Error('a sample of a series nobody described');
      const key = seriesKey(series.name, series.labels).replaceAll('\0', '|');
      return { key, atMs: batch.timesMs[i] ?? NaN, value: batch.values[i] ?? NaN };
    });
  }
}

/** A registry under a virtual clock; `drain` lets a second pass and tells what came out. */
export function setup(options: Partial<RegistryOptions> = {}): {
  readonly clock: FakeClock;
  readonly registry: Registry;
  readonly drain: (afterMs?: number) => Promise<Sample[]>;
} {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, source: 'test', ...options });
  const receiver = new Receiver();
  const drain = async (afterMs = 1000): Promise<Sample[]> => {
    clock.jumpTo(clock.nowMs() + afterMs);
    return receiver.take(registry.drain(clock.nowMs()));
  };
  return { clock, registry, drain };
}

/** Values of one series, oldest first. */
export const valuesOf = (samples: readonly Sample[], key: string): number[] => samples.filter((s) => s.key === key).map((s) => s.value);
