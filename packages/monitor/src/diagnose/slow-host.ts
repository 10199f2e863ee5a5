import type { Thresholds } from '../rules/thresholds.ts';
import type { SlowHost } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { millisecondsText, rateText, ratioText } from './number-text.ts';
import { callRateText, meanTimeText } from './promql-text.ts';
import { meanMs, routeTimeMs, shareOf, type HostReading, type InstanceReading } from './reading.ts';

const CALLS_NEEDED = 3;
/** A call that takes this share of what a whole response may take leaves too little for everything else. */
const SHARE_OF_RESPONSE = 0.5;

/** Sending and taking the answer each wait for a turn of the event loop. */
const TURNS = 2;
const BUSIEST_LOOP = 0.95;

/**
 * How much of a call's time the own event loop may have added, ms: where turns take long, each wait for one is about a turn's length, longer
 * the busier the loop is (`delay / (1 - utilisation)`). That is not the host's time.
 */
function ownDelayMs({ gauges }: InstanceReading): number {
  const delayMs = 1000 * (gauges.get('nodejs_eventloop_delay_p99_seconds') ?? 0);
  const busyRatio = Math.min(BUSIEST_LOOP, gauges.get('nodejs_eventloop_utilization') ?? 0);
  return (TURNS * delayMs) / (1 - busyRatio);
}

/** Hosts this process calls whose answers take half of what a response may take, or longer. */
export function slowHosts(reading: InstanceReading, thresholds: Thresholds): SlowHost[] {
  const limits = limitsOf(thresholds, 'api_response_time', { warning: 1000, critical: 5000 });
  const allowed = { warning: SHARE_OF_RESPONSE * limits.warning, critical: SHARE_OF_RESPONSE * limits.critical };
  const ownMs = ownDelayMs(reading);
  return reading.hosts.flatMap((host) => {
    const severity = severityAbove(Math.max(meanMs(host), host.p95Ms ?? 0) - ownMs, allowed);
    if (severity === undefined || host.calls < CALLS_NEEDED) return [];
    const shareOfRoutesRatio = shareOf(host.totalMs, routeTimeMs(reading));
    return [
      {
        kind: 'slow-host' as const,
        resource: host.host,
        labels: reading.labels,
        severity,
        facts: facts(reading, host, shareOfRoutesRatio),
        detail: {
          host: host.host,
          meanMs: meanMs(host),
          p95Ms: host.p95Ms,
          callsPerSecond: (1000 * host.calls) / reading.windowMs,
          shareOfRoutesRatio,
        },
      },
    ];
  });
}

function facts(reading: InstanceReading, host: HostReading, share: number): SlowHost['facts'] {
  const labels = { ...reading.labels, host: host.host };
  const perSecond = (1000 * host.calls) / reading.windowMs;
  return [
    {
      statement: `Its answers take ${millisecondsText(meanMs(host))} on average, ${ratioText(share)} of all time spent in routes`,
      expression: meanTimeText('http_client_time', labels, reading.windowMs),
      value: meanMs(host),
      unit: 'ms',
    },
    {
      statement: `It is called ${rateText(perSecond)}`,
      expression: callRateText('http_client_time', labels, reading.windowMs),
      value: perSecond,
      unit: 'per_second',
    },
  ];
}
