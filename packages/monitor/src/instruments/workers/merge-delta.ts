import { metaOf } from '../catalogue.ts';
import type { Registry } from '../registry.ts';
import type { RegistryDelta, SeriesDelta } from './registry-delta.ts';

/**
 * Adds what a registry of another thread or process recorded. Counters, rates and histograms add up; levels get a label `worker`. What is not
 * legal is dropped and counted as if it had been recorded here; a part that is no delta at all is left out.
 */
export function mergeDelta(registry: Registry, delta: RegistryDelta, worker: string): void {
  for (const part of delta) {
    try {
      merge(registry, part, worker);
    } catch {
      // Not of our making: another version's, or another program's.
    }
  }
}

function merge(registry: Registry, part: SeriesDelta, worker: string): void {
  const { name, labels, meta = metaOf(name) } = part.series;
  switch (part.kind) {
    case 'counter':
      registry.counter(name, meta).add(part.step, labels);
      break;
    case 'rate':
      registry.rate(name, meta).add(part.step, labels);
      break;
    case 'histogram':
      registry.histogram(name, meta).merge(part.distribution, labels);
      break;
    default:
      for (const value of [part.level.min, part.level.max, part.level.last]) {
        if (part.kind === 'gauge') registry.gauge(name, meta).set(value, { ...labels, worker });
        else registry.recordCustom(name, value, meta.unit, { ...labels, worker });
      }
  }
}
