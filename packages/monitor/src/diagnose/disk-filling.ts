import { linearTrend } from '../analyse/linear-trend.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import type { DiskFilling } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { bytesText, spanText } from './number-text.ts';
import { durationText, selectorText } from './promql-text.ts';
import type { InstanceReading, VolumeReading } from './reading.ts';

/** A trend of less than this is a build or a log rotation in passing. */
const TREND_SECONDS = 300;
const HORIZON_SECONDS = 86_400;
/** A line is drawn on for at most this many times its own length. */
const FARTHEST_SPANS = 12;
/** Growth over the trend's span, as a share of the volume, below which it is noise. */
const GROWTH_RATIO = 0.002;

interface Trend {
  readonly bytesPerSecond: number;
  readonly secondsToFull: number;
}

/** Volumes that are nearly full, and those that will be within a day if they go on filling along the line of the last two hours. */
export function fillingDisks(reading: InstanceReading, thresholds: Thresholds): DiskFilling[] {
  const limits = limitsOf(thresholds, 'disk_usage', { warning: 85, critical: 95 });
  return reading.volumes.flatMap((volume) => {
    const usedBytes = volume.used.values.at(-1);
    if (usedBytes === undefined) return [];
    const usedPercent = (100 * usedBytes) / volume.totalBytes;
    const trend = trendOf(volume);
    const byLevel = severityAbove(usedPercent, limits);
    const byTrend = trend === undefined ? undefined : trend.secondsToFull <= 7200 ? ('critical' as const) : ('high' as const);
    const severity = byLevel === 'critical' ? byLevel : (byTrend ?? byLevel);
    if (severity === undefined) return [];
    return [
      {
        kind: 'disk-filling' as const,
        resource: volume.mount,
        labels: reading.labels,
        severity,
        facts: facts(reading, volume, { usedPercent, trend }),
        detail: {
          mount: volume.mount,
          usedPercent,
          bytesPerSecond: trend?.bytesPerSecond ?? 0,
          secondsToFull: trend?.secondsToFull,
        },
      },
    ];
  });
}

function trendOf({ used, totalBytes }: VolumeReading): Trend | undefined {
  const line = linearTrend(used);
  const spanSeconds = ((used.timesMs.at(-1) ?? 0) - (used.timesMs[0] ?? 0)) / 1000;
  // The whole interval of the slope must point upwards: what goes up and down again is no trend.
  if (line === undefined || spanSeconds < TREND_SECONDS || line.lowPerSecond <= 0) return undefined;
  if (line.slopePerSecond * spanSeconds < GROWTH_RATIO * totalBytes) return undefined;
  const secondsToFull = Math.max(0, totalBytes - line.lastValue) / line.slopePerSecond;
  const horizonSeconds = Math.min(HORIZON_SECONDS, FARTHEST_SPANS * spanSeconds);
  return secondsToFull <= horizonSeconds ? { bytesPerSecond: line.slopePerSecond, secondsToFull } : undefined;
}

function facts(
  reading: InstanceReading,
  volume: VolumeReading,
  state: { readonly usedPercent: number; readonly trend: Trend | undefined },
): DiskFilling['facts'] {
  const labels = { ...reading.labels, mount: volume.mount };
  const used = selectorText('disk_usage_bytes', labels);
  const total = selectorText('disk_total_bytes', labels);
  const growth = `deriv(${used}[${durationText(7_200_000)}])`;
  return [
    {
      statement: `${state.usedPercent.toFixed(1)} % of ${bytesText(volume.totalBytes)} are in use`,
      expression: `100 * ${used} / ${total}`,
      value: state.usedPercent,
      unit: 'percent',
    },
    ...(state.trend === undefined
      ? []
      : [
          {
            statement: `It grows by ${bytesText(state.trend.bytesPerSecond)} each second and is full in ${spanText(state.trend.secondsToFull)}`,
            expression: `(${total} - ${used}) / ${growth}`,
            value: state.trend.secondsToFull,
            unit: 'seconds',
          },
        ]),
  ];
}
