/**
 * Synchronous work on the event loop: while it runs, nothing else does.
 *
 * The loop's delay alone is no proof, for it also grows when the host gives the process too little CPU. So the delay must be
 * long **and** the process must have been at work itself: CPU time, which a busy neighbour does not add to, or where that is unknown the
 * loop's own utilisation.
 */
import type { BlockedLoop } from './finding.ts';
import { likelyRoute } from './likely-route.ts';
import { millisecondsText, ratioText } from './number-text.ts';
import { gaugeText } from './promql-text.ts';
import type { InstanceReading } from './reading.ts';

const DELAY_MS = 100;
const EMERGENCY_MS = 1000;
const PROCESS_CPU_PERCENT = 15;
const UTILIZATION_RATIO = 0.5;

export function blockedLoop(reading: InstanceReading): BlockedLoop[] {
  const delaySeconds = reading.gauges.get('nodejs_eventloop_delay_p99_seconds');
  if (delaySeconds === undefined || 1000 * delaySeconds < DELAY_MS) return [];
  const delayP99Ms = 1000 * delaySeconds;
  const processPercent = reading.gauges.get('process_cpu_usage');
  const utilizationRatio = reading.gauges.get('nodejs_eventloop_utilization') ?? 0;
  const atWork = processPercent === undefined ? utilizationRatio >= UTILIZATION_RATIO : processPercent >= PROCESS_CPU_PERCENT;
  if (!atWork) return [];
  const route = likelyRoute(reading.loopBusyBySlice, reading.routes);
  return [
    {
      kind: 'blocked-loop',
      resource: reading.labels['instance'] ?? 'event loop',
      labels: reading.labels,
      severity: delayP99Ms >= EMERGENCY_MS ? 'critical' : 'high',
      facts: facts(reading, delayP99Ms, utilizationRatio),
      detail: {
        delayP99Ms,
        utilizationRatio,
        processPercent,
        route,
      },
    },
  ];
}

function facts(reading: InstanceReading, delayMs: number, utilizationRatio: number): BlockedLoop['facts'] {
  return [
    {
      statement: `1 in 100 turns of the event loop comes ${millisecondsText(delayMs)} late or later`,
      expression: gaugeText('nodejs_eventloop_delay_p99_seconds', reading.labels, reading.windowMs),
      value: delayMs / 1000,
      unit: 'seconds',
    },
    {
      statement: `The loop was busy ${ratioText(utilizationRatio)} of the time`,
      expression: gaugeText('nodejs_eventloop_utilization', reading.labels, reading.windowMs),
      value: utilizationRatio,
      unit: 'ratio',
    },
  ];
}
