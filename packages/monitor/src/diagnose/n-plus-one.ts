/**
 * One query for the list and one more for each of its rows: a statement that runs many times a request.
 *
 * Without spans only totals are known: how often each statement ran and how often each route was called. A statement that runs several
 * times as often as **all** routes together must run many times within one request, whichever route that is. Writes are left
 * out: a batch of inserts is many calls on purpose. The route is the one whose calls rise and fall with the statement's, if one does.
 * Misses an N+1 on a rarely called route; spans will find that one.
 */
import type { Severity } from '../model/severity.ts';
import type { NPlusOne } from './finding.ts';
import { likelyRoute } from './likely-route.ts';
import { millisecondsText, rateText } from './number-text.ts';
import { callRateText, meanTimeText } from './promql-text.ts';
import { meanMs, routeTimeMs, shareOf, type InstanceReading, type RouteReading, type StatementReading } from './reading.ts';

const CALLS_PER_REQUEST = 4;
const CALLS_PER_SECOND = 20;
const REQUESTS_NEEDED = 10;

export function nPlusOnes(reading: InstanceReading): NPlusOne[] {
  const requests = reading.routes.reduce((total, route) => total + route.calls, 0);
  if (requests < REQUESTS_NEEDED) return [];
  const seconds = reading.windowMs / 1000;
  return reading.statements.flatMap((statement) => {
    const callsPerRequest = statement.calls / requests;
    if (!isRead(statement) || callsPerRequest < CALLS_PER_REQUEST || statement.calls / seconds < CALLS_PER_SECOND) return [];
    if (!isSteady(statement, reading.routes)) return [];
    const shareOfRoutesRatio = shareOf(statement.totalMs, routeTimeMs(reading));
    const route = likelyRoute(statement.callsBySlice, reading.routes);
    return [
      {
        kind: 'n-plus-one' as const,
        resource: statement.query,
        labels: reading.labels,
        severity: severityOf(callsPerRequest, shareOfRoutesRatio),
        facts: facts(reading, statement, requests),
        detail: {
          query: statement.query,
          callsPerRequest,
          callsPerSecond: statement.calls / seconds,
          meanMs: meanMs(statement),
          shareOfRoutesRatio,
          route,
        },
      },
    ];
  });
}

/** Whether it is so in most slices of the window: a cache that is warmed at the start, or a report, is a burst and then over. */
function isSteady({ callsBySlice }: StatementReading, routes: readonly RouteReading[]): boolean {
  const steady = callsBySlice.filter((calls, i) => {
    const requests = routes.reduce((total, route) => total + (route.callsBySlice[i] ?? 0), 0);
    return calls > 0 && calls >= CALLS_PER_REQUEST * requests;
  });
  return steady.length >= callsBySlice.length / 2;
}

/** Many quick calls to a database in the same process cost little; the same calls over a network are the whole response time. */
function severityOf(callsPerRequest: number, shareOfRoutesRatio: number): Severity {
  if (shareOfRoutesRatio >= 0.2) return 'high';
  return shareOfRoutesRatio >= 0.05 || callsPerRequest >= 5 * CALLS_PER_REQUEST ? 'medium' : 'low';
}

function isRead({ query, operation }: StatementReading): boolean {
  return /^(select|get|find|read)/i.test(operation === '' ? query.trim() : operation);
}

function facts(reading: InstanceReading, statement: StatementReading, requests: number): NPlusOne['facts'] {
  const labels = { ...reading.labels, query: statement.query };
  const seconds = reading.windowMs / 1000;
  const queryRate = callRateText('database_query_time', labels, reading.windowMs);
  const requestRate = callRateText('api_response_time', reading.labels, reading.windowMs);
  return [
    {
      statement: `It runs ${(statement.calls / requests).toFixed(1)} times for each request: ${rateText(statement.calls / seconds)} against ${rateText(requests / seconds)}`,
      expression: `${queryRate} / ${requestRate}`,
      value: statement.calls / requests,
      unit: 'calls_per_request',
    },
    {
      statement: `A single call is quick, ${millisecondsText(meanMs(statement))}: their number is what costs`,
      expression: meanTimeText('database_query_time', labels, reading.windowMs),
      value: meanMs(statement),
      unit: 'ms',
    },
  ];
}
