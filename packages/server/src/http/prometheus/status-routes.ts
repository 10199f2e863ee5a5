import { route, type Route } from '../route.ts';
import { prometheusSuccess } from './answer.ts';

/** The Prometheus whose PromQL this server speaks; clients choose what they offer by it. */
const DIALECT_VERSION = '3.5.0';

const shared = { method: 'GET', tag: 'Prometheus', scope: 'read', lenient: true, errors: 'prometheus' } as const;

/** What Prometheus's clients ask about the server itself. */
export const statusRoutes: readonly Route[] = [
  route({
    ...shared,
    path: '/api/v1/status/buildinfo',
    summary: 'Version, as Prometheus’s clients ask for it',
    description: 'The version is that of the PromQL dialect; `application` names this program.',
    handle: (_request, { version }) => {
      const unknown = { revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' };
      return prometheusSuccess(
        JSON.stringify({ version: DIALECT_VERSION, ...unknown, application: 'bellwether', applicationVersion: version }),
      );
    },
  }),
  route({
    ...shared,
    path: '/api/v1/status/runtimeinfo',
    summary: 'The state of the store',
    handle: (_request, { engine }) => {
      const { series, problems } = engine.store.stats();
      const startTime = new Date(engine.startedAtMs).toISOString();
      return prometheusSuccess(JSON.stringify({ startTime, timeSeriesCount: series, corruptionCount: problems.length }));
    },
  }),
  route({
    ...shared,
    path: '/api/v1/status/tsdb',
    summary: 'How many series and samples the store holds',
    handle: (_request, { engine }) => {
      const { series, oldestAtMs } = engine.store.stats();
      return prometheusSuccess(
        JSON.stringify({ headStats: { numSeries: series, minTime: oldestAtMs ?? 0, maxTime: engine.clock.nowMs() } }),
      );
    },
  }),
  route({
    ...shared,
    path: '/api/v1/status/flags',
    summary: 'Settings of the query engine, by the names of Prometheus’s flags',
    handle: (_request, { limits }) =>
      prometheusSuccess(JSON.stringify({ 'query.lookback-delta': '5m', 'query.timeout': `${limits.queryTimeoutMs / 1000}s` })),
  }),
  route({
    ...shared,
    path: '/api/v1/status/config',
    summary: 'Empty: nothing is configured by a Prometheus file',
    handle: () => prometheusSuccess(JSON.stringify({ yaml: '' })),
  }),
];
