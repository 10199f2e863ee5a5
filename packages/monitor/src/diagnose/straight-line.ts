import type { Timeline } from './reading.ts';

/** The line of least squares through a timeline. `fitRatio` is R²: the share of the movement it explains, 0 to 1. */
export interface StraightLine {
  readonly perSecond: number;
  readonly fitRatio: number;
}

/** `undefined` with fewer than three points or without any span of time. O(n). */
export function straightLine({ timesMs, values }: Timeline): StraightLine | undefined {
  const count = Math.min(timesMs.length, values.length);
  if (count < 3) return undefined;
  const meanTime = timesMs.reduce((sum, time) => sum + time, 0) / count;
  const meanValue = values.reduce((sum, value) => sum + value, 0) / count;
  let timeSpread = 0;
  let valueSpread = 0;
  let together = 0;
  for (let i = 0; i < count; i++) {
    const time = (timesMs[i] as number) - meanTime;
    const value = (values[i] as number) - meanValue;
    timeSpread += time * time;
    valueSpread += value * value;
    together += time * value;
  }
  if (timeSpread === 0) return undefined;
  return {
    perSecond: (1000 * together) / timeSpread,
    fitRatio: valueSpread === 0 ? 0 : together ** 2 / (timeSpread * valueSpread),
  };
}
