import type { JSX } from 'preact';
import { KNOWN_METRICS } from '../charts/catalogue.ts';
import { Tile } from './tile.tsx';

/** The headline metrics. */
export function TileGrid(): JSX.Element {
  return (
    <section aria-labelledby="tiles-title" class="tiles-section">
      <h2 id="tiles-title" class="sr-only">
        Headline metrics
      </h2>
      <ul class="tiles">
        {KNOWN_METRICS.map((metric) => (
          <Tile key={metric.name} metric={metric} />
        ))}
      </ul>
    </section>
  );
}
