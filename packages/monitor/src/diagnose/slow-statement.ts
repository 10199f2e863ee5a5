/**
 * Statements the database spends too long on. Two ways to be one:
 *
 * - a call is slow: its 95th percentile (or mean) exceeds the configured `database_query_time` warning; or
 * - a statement keeps the database busy: its calls together take a tenth of the wall clock or more, and it alone is half of all
 *   database time, while each call takes long enough (`SCAN_MS`) that the time is work and not the round trip. A look-up by
 *   index takes far below that whatever the size of the table, so for a SELECT this is what a scan looks like from outside.
 *
 * The second is the usual shape of a missing index: no single call is slow enough for an alert, yet the database does little else.
 */
import type { Thresholds } from '../rules/thresholds.ts';
import type { Severity } from '../model/severity.ts';
import type { SlowStatement } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { likelyRoute } from './likely-route.ts';
import { millisecondsText, rateText, ratioText } from './number-text.ts';
import { callRateText, meanTimeText } from './promql-text.ts';
import { meanMs, routeTimeMs, shareOf, type InstanceReading, type StatementReading } from './reading.ts';

const CALLS_NEEDED = 5;
const SCAN_MS = 4;
const BUSY_RATIO = 0.1;
const DOMINANT_RATIO = 0.5;

export function slowStatements(reading: InstanceReading, thresholds: Thresholds): SlowStatement[] {
  const limits = limitsOf(thresholds, 'database_query_time', { warning: 500, critical: 2000 });
  const databaseMs = reading.statements.reduce((total, statement) => total + statement.totalMs, 0);
  const routesMs = routeTimeMs(reading);
  return reading.statements.flatMap((statement) => {
    if (statement.calls < CALLS_NEEDED) return [];
    const shareOfDatabaseRatio = shareOf(statement.totalMs, databaseMs);
    const busyRatio = statement.totalMs / reading.windowMs;
    const dominates = meanMs(statement) >= SCAN_MS && busyRatio >= BUSY_RATIO && shareOfDatabaseRatio >= DOMINANT_RATIO;
    const severity: Severity | undefined =
      severityAbove(Math.max(meanMs(statement), statement.p95Ms ?? 0), limits) ?? (dominates ? severityOfLoad(busyRatio) : undefined);
    if (severity === undefined) return [];
    return [
      {
        kind: 'slow-statement' as const,
        resource: statement.query,
        labels: reading.labels,
        severity,
        facts: facts(reading, statement, { shareOfDatabaseRatio, busyRatio }),
        detail: {
          query: statement.query,
          operation: statement.operation,
          meanMs: meanMs(statement),
          callsPerSecond: (1000 * statement.calls) / reading.windowMs,
          shareOfDatabaseRatio,
          shareOfRoutesRatio: shareOf(statement.totalMs, routesMs),
          route: likelyRoute(statement.callsBySlice, reading.routes),
          scan: isSelect(statement) && shareOfDatabaseRatio >= DOMINANT_RATIO,
        },
      },
    ];
  });
}

function severityOfLoad(busyRatio: number): Severity {
  return busyRatio >= 0.4 ? 'high' : 'medium';
}

function isSelect({ query, operation }: StatementReading): boolean {
  return operation.toLowerCase() === 'select' || /^\s*(select|with)\b/i.test(query);
}

function facts(
  reading: InstanceReading,
  statement: StatementReading,
  share: { readonly shareOfDatabaseRatio: number; readonly busyRatio: number },
): SlowStatement['facts'] {
  const labels = { ...reading.labels, query: statement.query };
  const perSecond = (1000 * statement.calls) / reading.windowMs;
  return [
    {
      statement: `A call takes ${millisecondsText(meanMs(statement))} on average`,
      expression: meanTimeText('database_query_time', labels, reading.windowMs),
      value: meanMs(statement),
      unit: 'ms',
    },
    {
      statement:
        `It runs ${rateText(perSecond)} and takes ${ratioText(share.shareOfDatabaseRatio)} of all database time, ` +
        `${ratioText(share.busyRatio)} of the wall clock`,
      expression: callRateText('database_query_time', labels, reading.windowMs),
      value: perSecond,
      unit: 'per_second',
    },
  ];
}
