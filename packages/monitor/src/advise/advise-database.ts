import type { NPlusOne, SlowStatement } from '../diagnose/finding.ts';
import { millisecondsText, rateText, ratioText } from '../diagnose/number-text.ts';
import { adviceWithGain, type Advice } from './advice.ts';
import type { ExpectedGain } from './advisor.ts';
import { gainInterval } from './gain.ts';
import { amdahlGain, type Speedup } from './impact-amdahl.ts';
import { columnsSearched } from './query-text.ts';

const INDEX_SPEEDUP: Speedup = { cautious: 4, hopeful: 50 };
/** A list may need a second statement for what the first cannot join. */
const MOST_CALLS_LEFT = 2;
const REWRITE_SPEEDUP: Speedup = { cautious: 1.3, hopeful: 5 };

/** The gain in response time where routes are measured, else in database time. */
function gainOf(shares: { readonly routes: number; readonly database: number }, speedup: Speedup): ExpectedGain {
  const isRoutes = shares.routes > 0;
  return {
    metric: isRoutes ? 'api_response_time' : 'database_query_time',
    ...amdahlGain(isRoutes ? shares.routes : shares.database, speedup),
    model: `Amdahl's law: the statement's share of ${isRoutes ? 'route' : 'database'} time, ${speedup.cautious} to ${speedup.hopeful} times as fast`,
  };
}

export function adviseSlowStatement({ detail }: SlowStatement): Advice {
  const searched = detail.scan ? columnsSearched(detail.query) : undefined;
  const shares = { routes: detail.shareOfRoutesRatio, database: detail.shareOfDatabaseRatio };
  return adviceWithGain({
    category: 'database',
    title: `${detail.scan ? 'Query without a fitting index' : 'Slow query'}: ${shortened(detail.query)}`,
    description:
      `It takes ${millisecondsText(detail.meanMs)} a call, ${rateText(detail.callsPerSecond)}, and ${ratioText(detail.shareOfDatabaseRatio)} of all database time.` +
      (detail.route === undefined ? '' : ` It comes with the calls of ${detail.route}.`) +
      (detail.scan ? ' A single SELECT that dominates like this usually reads the whole table because no index fits it.' : ''),
    effort: detail.scan ? 'low' : 'medium',
    implementation: detail.scan ? indexSteps(detail.query, searched) : rewriteSteps(detail.query),
    verification: `The mean of database_query_time for this statement falls below ${millisecondsText(detail.meanMs / INDEX_SPEEDUP.cautious)}.`,
    gain: gainOf(shares, detail.scan ? INDEX_SPEEDUP : REWRITE_SPEEDUP),
  });
}

function indexSteps(query: string, searched: { readonly table: string; readonly columns: readonly string[] } | undefined): string[] {
  const propose =
    searched === undefined
      ? 'Create an index over the columns of its WHERE, then those of its ORDER BY.'
      : `If it scans, create the index: \`CREATE INDEX ON ${searched.table} (${searched.columns.join(', ')})\` (SQLite and MySQL want a name after INDEX).`;
  return [
    `Ask the database how it runs it: \`EXPLAIN ${query}\` (SQLite: \`EXPLAIN QUERY PLAN\`); "SCAN" or "Seq Scan" confirms the missing index.`,
    propose,
    'On a busy PostgreSQL add CONCURRENTLY, so that writes go on meanwhile.',
    'Check that an index was not dropped by a recent migration.',
  ];
}

function rewriteSteps(query: string): string[] {
  return [
    `Look at its plan under production data: \`EXPLAIN ANALYZE ${query}\`.`,
    'Select only the columns and rows that are used; page with a key instead of OFFSET.',
    'If the answer may be some seconds old, cache it with `enhancedCache.wrap` and clear it by tag on writes.',
    'See whether it waits for locks: long transactions show in the database’s own activity view.',
  ];
}

export function adviseNPlusOne({ detail }: NPlusOne): Advice {
  const calls = Math.round(detail.callsPerRequest);
  return adviceWithGain({
    category: 'database',
    title: `N+1 queries: ${calls} calls a request of ${shortened(detail.query)}`,
    description:
      `One statement runs ${detail.callsPerRequest.toFixed(1)} times for each request, ${rateText(detail.callsPerSecond)} in all: a list is loaded row by row.` +
      (detail.route === undefined ? '' : ` It comes with the calls of ${detail.route}.`),
    effort: 'low',
    implementation: [
      `Find the loop${detail.route === undefined ? '' : `, starting at the handler of ${detail.route},`} that runs: ${detail.query}`,
      'Load all rows at once: collect the keys first and use `WHERE key IN (…)`, or join them into the query that makes the list.',
      'With an ORM switch the relation to eager loading (`include`, `with`, `relations`); with GraphQL put a DataLoader before it.',
    ],
    verification: 'Calls of this statement per request fall below 2.',
    gain: {
      metric: 'database_calls',
      ...gainInterval(1 - MOST_CALLS_LEFT / detail.callsPerRequest, 1 - 1 / detail.callsPerRequest),
      model: `one to ${MOST_CALLS_LEFT} calls of this statement a request instead of ${calls}; it takes ${ratioText(detail.shareOfRoutesRatio)} of the time in routes`,
    },
  });
}

/** The beginning of a statement, for a title. */
function shortened(query: string): string {
  const text = query.replaceAll(/\s+/g, ' ').trim();
  return text.length <= 72 ? text : `${text.slice(0, 71)}…`;
}
