import type { Thresholds } from '../rules/thresholds.ts';
import type { HighCpu } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { gaugeText } from './promql-text.ts';
import { shareOf, type InstanceReading } from './reading.ts';

/** The processors were busy beyond the warning for half of the window or more. */
export function highCpu(reading: InstanceReading, thresholds: Thresholds): HighCpu[] {
  const cpuPercent = reading.gauges.get('cpu_usage');
  if (cpuPercent === undefined) return [];
  const severity = severityAbove(cpuPercent, limitsOf(thresholds, 'cpu_usage', { warning: 70, critical: 90 }));
  if (severity === undefined) return [];
  // A process's percentage is of one processor, the host's of all of them.
  const cores = reading.gauges.get('cpu_limit_cores') ?? 1;
  const processPercent = reading.gauges.get('process_cpu_usage');
  const fact = (name: 'cpu_usage' | 'process_cpu_usage', value: number, whose: string): HighCpu['facts'][number] => ({
    statement: `${whose}, median of the last ${reading.windowMs / 1000} s: ${value.toFixed(1)} %`,
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
        fact('cpu_usage', cpuPercent, 'CPU time used of all there is'),
        ...(processPercent === undefined ? [] : [fact('process_cpu_usage', processPercent, 'CPU time of this process, of one processor')]),
      ],
      detail: { cpuPercent, ownShareRatio: processPercent === undefined ? undefined : shareOf(processPercent / cores, cpuPercent) },
    },
  ];
}
