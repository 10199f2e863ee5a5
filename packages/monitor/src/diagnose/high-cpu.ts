import type { Thresholds } from '../rules/thresholds.ts';
import type { HighCpu } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { gaugeText } from './promql-text.ts';
import type { InstanceReading } from './reading.ts';

/** The processors were busy beyond the warning over the whole window, not for one sample. */
export function highCpu(reading: InstanceReading, thresholds: Thresholds): HighCpu[] {
  const cpuPercent = reading.gauges.get('cpu_usage');
  if (cpuPercent === undefined) return [];
  const severity = severityAbove(cpuPercent, limitsOf(thresholds, 'cpu_usage', { warning: 70, critical: 90 }));
  if (severity === undefined) return [];
  const processPercent = reading.gauges.get('process_cpu_usage');
  const fact = (name: 'cpu_usage' | 'process_cpu_usage', value: number, whose: string) => ({
    statement: `${whose} used ${value.toFixed(1)} % of CPU on average over the last ${reading.windowMs / 1000} s`,
    expression: gaugeText(name, reading.labels, reading.windowMs),
    value,
    unit: 'percent',
  });
  return [
    {
      kind: 'high-cpu',
      resource: reading.labels['instance'] ?? 'host',
      labels: reading.labels,
      severity,
      facts: [
        fact('cpu_usage', cpuPercent, 'The host'),
        ...(processPercent === undefined ? [] : [fact('process_cpu_usage', processPercent, 'This process')]),
      ],
      detail: { cpuPercent, processPercent },
    },
  ];
}
