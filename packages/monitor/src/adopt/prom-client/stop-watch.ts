import { systemClock } from '../../base/system-clock.ts';
import type { GivenLabels } from './label-table.ts';

/** prom-client's `startTimer`: the returned function records the seconds since, with further labels, and returns them. */
export function startTimer<L>(
  record: (labels: L, seconds: number) => void,
  startLabels: GivenLabels | undefined,
): (endLabels?: L) => number {
  const startedMs = systemClock.monotonicMs();
  return (endLabels) => {
    const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
    record({ ...startLabels, ...endLabels } as L, seconds);
    return seconds;
  };
}
