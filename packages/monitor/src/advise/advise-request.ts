import type { BlockedLoop, ErrorBurst, SlowHost, SlowRoute } from '../diagnose/finding.ts';
import { millisecondsText, ratioText } from '../diagnose/number-text.ts';
import { adviceWithGain, type Advice } from './advice.ts';
import { gainInterval } from './gain.ts';
import { amdahlGain } from './impact-amdahl.ts';
import { slicingGain } from './impact-blocking.ts';

export function adviseSlowRoute({ resource, detail }: SlowRoute): Advice {
  const slowMs = Math.max(detail.meanMs, detail.p95Ms ?? 0);
  return adviceWithGain({
    category: 'api',
    title: `${resource} is slow: ${detail.p95Ms === undefined ? 'mean' : 'p95'} ${millisecondsText(slowMs)}`,
    description: `Calls of ${resource} exceed the response time of ${millisecondsText(detail.limitMs)} that is allowed; they take ${ratioText(detail.shareOfTimeRatio)} of all time spent in routes.`,
    effort: 'medium',
    implementation: [
      `See where ${resource} spends its time: look here for slow queries, hosts and event-loop blocking found at the same time.`,
      `Time its steps: \`await performanceMonitor.measureExecutionTime('step', () => …)\` inside the handler of ${resource}.`,
      'Run steps that do not need each other with `Promise.all` instead of one after the other.',
      `Cache what ${resource} answers if it may be some seconds old: \`enhancedCache.wrap(handler, { ttl, tags })\`.`,
    ],
    verification: `The p95 of api_response_time{method="${detail.method}",route="${detail.route}"} stays below ${millisecondsText(detail.limitMs)}.`,
    gain: {
      metric: 'api_response_time',
      ...amdahlGain(detail.shareOfTimeRatio, { cautious: 1.25, hopeful: Math.max(1.25, slowMs / (0.5 * detail.limitMs)) }),
      model: "Amdahl's law: the route's share of all time, made a quarter faster up to half of what is allowed",
    },
  });
}

export function adviseBlockedLoop({ resource, detail }: BlockedLoop): Advice {
  const { route, delayP99Ms } = detail;
  const where = resource === 'event loop' ? 'the event loop' : `the event loop of ${resource}`;
  const suspect =
    route === undefined
      ? 'Synchronous work runs while everything else waits.'
      : `Synchronous work runs while everything else waits. The loop is busy when ${route} is called, which is where to look first.`;
  return adviceWithGain({
    category: 'event_loop',
    title: `Synchronous work blocks ${where} for ${millisecondsText(delayP99Ms)}`,
    description: suspect,
    effort: 'medium',
    implementation: [
      `Take a CPU profile (\`node --cpu-prof\`) and look for long single frames${route === undefined ? '' : ` below the handler of ${route}`}.`,
      'Replace synchronous calls on the request path: `…Sync` of fs, crypto and zlib, large `JSON.parse`, regular expressions that backtrack.',
      'Move heavy computation to a worker thread (`node:worker_threads`), or cut it into slices with `await setImmediate()` between them.',
      'Cache its result if the same input comes again.',
    ],
    verification: 'nodejs_eventloop_delay_p99_seconds stays below 0.05 under the same load.',
    gain: {
      metric: 'nodejs_eventloop_delay_p99_seconds',
      ...slicingGain(delayP99Ms),
      model: 'slices of 50 to 10 ms instead of one long block',
    },
  });
}

export function adviseErrorBurst({ resource, detail }: ErrorBurst): Advice {
  return adviceWithGain({
    category: 'errors',
    title: `${ratioText(detail.errorRatio)} of the calls of ${resource} fail`,
    description: `${resource} answers with a server error ${detail.errorsPerSecond.toFixed(1)} times a second: ${ratioText(detail.shareOfErrorsRatio)} of all errors of this service.`,
    effort: 'medium',
    implementation: [
      `Read the log of ${resource} since the errors began: the first one usually names the cause.`,
      'Compare the time of the first error with the last deployment and configuration change; roll back if they coincide.',
      `If something ${resource} depends on is down, answer from the cache or fail fast (a circuit breaker) until it is back.`,
    ],
    verification: `The share of status 5xx in api_response_time_count{method="${detail.method}",route="${detail.route}"} returns below the error_rate warning.`,
    gain: {
      metric: 'error_rate',
      ...gainInterval(0.8 * detail.shareOfErrorsRatio, detail.shareOfErrorsRatio),
      model: "this route's share of all errors",
    },
  });
}

export function adviseSlowHost({ resource, detail }: SlowHost): Advice {
  return adviceWithGain({
    category: 'network',
    title: `Calls to ${resource} take ${millisecondsText(detail.meanMs)}`,
    description: `${resource} answers slowly, and requests of this service wait for it: ${ratioText(detail.shareOfRoutesRatio)} of the time spent in routes.`,
    effort: 'medium',
    implementation: [
      `Give calls to ${resource} a time limit: \`fetch(url, { signal: AbortSignal.timeout(${timeLimitMs(detail.meanMs)}) })\`, and an answer for the case that it strikes.`,
      `Cache its answers and serve the last one while a new one loads: \`enhancedCache.wrap(call, { ttl, tags: ['${detail.host}'] })\`.`,
      'Keep connections open (keep-alive) and ask for several things in one call where its API allows it.',
      `Tell whoever runs ${resource}, with the graph of http_client_time{host="${detail.host}"}.`,
    ],
    verification: `The mean of http_client_time{host="${detail.host}"}, or the time routes wait for it, falls back to where it was.`,
    gain: {
      metric: 'api_response_time',
      ...amdahlGain(detail.shareOfRoutesRatio, { cautious: 1.5, hopeful: 10 }),
      model: "Amdahl's law: the share of route time spent waiting for the host, 1.5 to 10 times as fast by cache and time limit",
    },
  });
}

/** A time limit worth proposing: well below what it takes now, and at least 100 ms. */
function timeLimitMs(meanMs: number): number {
  return Math.max(100, Math.round(meanMs / 200) * 100);
}
