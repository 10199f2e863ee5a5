/**
 * A heap that does not come back down.
 *
 * A healthy heap is a saw: it grows until the collector runs. So the line is drawn through the *floor*, the lowest value of each slice of
 * time, and a rising floor (the whole interval of its slope) alone is not enough, for between two full collections even a healthy one rises. What a healthy saw
 * never does is to have its floor above its own earlier peaks: only that is growth. It is worth a word when the limit would be reached
 * within the hour. Time to the limit by straight line: leaks that follow the load are straight while the load is steady. Limits: a leak
 * much slower than the saw is high takes longer to see, and one that has stopped is not seen at all.
 */
import { linearTrend } from '../analyse/linear-trend.ts';
import type { HeapGrowth } from './finding.ts';
import { bytesText, spanText } from './number-text.ts';
import { durationText, selectorText } from './promql-text.ts';
import type { InstanceReading } from './reading.ts';

const POINTS_NEEDED = 6;
const HORIZON_SECONDS = 3600;
const URGENT_SECONDS = 600;
/** Growth over the span, as a share of the limit, below which it is noise. */
const GROWTH_RATIO = 0.01;
/** A process fills its caches and compiles its code in its first moments: growth then says nothing. */
const WARM_UP_SECONDS = 45;

export function heapGrowth(reading: InstanceReading): HeapGrowth[] {
  const limitBytes = reading.gauges.get('nodejs_heap_limit_bytes');
  const uptimeSeconds = reading.gauges.get('process_uptime_seconds') ?? Infinity;
  const { timesMs, values } = reading.heapFloor;
  const line = linearTrend(reading.heapFloor);
  if (limitBytes === undefined || line === undefined || values.length < POINTS_NEEDED || uptimeSeconds < WARM_UP_SECONDS) return [];
  const usedBytes = values.at(-1) as number;
  const spanSeconds = ((timesMs.at(-1) as number) - (timesMs[0] as number)) / 1000;
  const isHigherThanEver = usedBytes > (reading.heapPeakBefore ?? 0) && usedBytes >= Math.max(...values);
  const isGrowth = isHigherThanEver && line.lowPerSecond > 0 && line.slopePerSecond * spanSeconds >= GROWTH_RATIO * limitBytes;
  const secondsToLimit = isGrowth ? Math.max(0, limitBytes - usedBytes) / line.slopePerSecond : Infinity;
  if (secondsToLimit > HORIZON_SECONDS) return [];
  const heap = selectorText('process_heap_used_bytes', reading.labels);
  const window = durationText(1.5 * reading.windowMs);
  return [
    {
      kind: 'heap-growth',
      resource: reading.labels['instance'] ?? 'heap',
      labels: reading.labels,
      severity: secondsToLimit <= URGENT_SECONDS ? 'critical' : 'high',
      facts: [
        {
          statement: `The heap's floor rises by ${bytesText(line.slopePerSecond)} each second and does not fall`,
          expression: `deriv(${heap}[${window}])`,
          value: line.slopePerSecond,
          unit: 'bytes_per_second',
        },
        {
          statement: `At this pace ${bytesText(usedBytes)} reach the limit of ${bytesText(limitBytes)} in ${spanText(secondsToLimit)}`,
          expression: `(${selectorText('nodejs_heap_limit_bytes', reading.labels)} - ${heap}) / deriv(${heap}[${window}])`,
          value: secondsToLimit,
          unit: 'seconds',
        },
      ],
      detail: { usedBytes, limitBytes, bytesPerSecond: line.slopePerSecond, secondsToLimit },
    },
  ];
}
