import type { Thresholds } from '../rules/thresholds.ts';
import type { HighMemory } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { gaugeText } from './promql-text.ts';
import type { InstanceReading } from './reading.ts';

/** Memory in use was beyond the warning for half of the window or more. */
export function highMemory(reading: InstanceReading, thresholds: Thresholds): HighMemory[] {
  const usedPercent = reading.gauges.get('memory_usage');
  if (usedPercent === undefined) return [];
  const limits = limitsOf(thresholds, 'memory_usage', { warning: 80, critical: 95 });
  const severity = severityAbove(usedPercent, limits);
  if (severity === undefined) return [];
  return [
    {
      kind: 'high-memory',
      resource: reading.labels['instance'] ?? 'host',
      labels: reading.labels,
      severity,
      facts: [
        {
          statement: `${usedPercent.toFixed(1)} % of memory was in use, median of the last ${reading.windowMs / 1000} s`,
          expression: gaugeText('memory_usage', reading.labels, reading.windowMs),
          value: usedPercent,
          unit: 'percent',
        },
      ],
      detail: { usedPercent, limitPercent: limits.warning },
    },
  ];
}
