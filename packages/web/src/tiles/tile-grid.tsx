import type { JSX } from 'preact';
import { visibleKeys } from '../arrange/arrangement.ts';
import { knownMetric, KNOWN_METRICS } from '../charts/catalogue.ts';
import { useDashboard } from '../state/context.ts';
import { Tile } from './tile.tsx';

const NAMES = KNOWN_METRICS.map(({ name }) => name);

/** The headline metrics, in the user's order. */
export function TileGrid(): JSX.Element {
  const { layout } = useDashboard();
  layout.setParts('tiles', NAMES);
  return (
    <section aria-labelledby="tiles-title" class="tiles-section">
      <h2 id="tiles-title" class="sr-only">
        Headline metrics
      </h2>
      <ul class="tiles">
        {visibleKeys(NAMES, layout.arrangement('tiles')).map((name) => {
          const metric = knownMetric(name);
          return metric === undefined ? null : <Tile key={name} metric={metric} />;
        })}
      </ul>
    </section>
  );
}
