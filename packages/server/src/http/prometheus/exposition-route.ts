import { route, type Route } from '../route.ts';
import { expositionText } from './exposition.ts';

export const expositionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/metrics',
    tag: 'Prometheus',
    summary: 'Newest value of every series, as Prometheus scrapes it',
    description: 'Series of instances that push carry their `instance` and `job`; scrape with `honor_labels: true`.',
    scope: 'read',
    lenient: true,
    handle: async (_request, { engine, limits }) => {
      const [result, metadata] = await Promise.all([
        engine.query.instant('{__name__=~".+"}', engine.clock.nowMs(), { timeoutMs: limits.queryTimeoutMs }),
        engine.query.metadata(),
      ]);
      const samples = result.value.type === 'vector' ? result.value.samples : [];
      return new Response(expositionText(samples, metadata), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      });
    },
  }),
];
