import { route, type Route } from '../route.ts';
import { CONTENT_TYPES, negotiateFormat } from './exposition.ts';
import { expositionSlices } from './exposition-stream.ts';

const acceptsGzip = (header: string | null): boolean => /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(header ?? '');

export const expositionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/metrics',
    tag: 'Prometheus',
    summary: 'Newest value of every series, as Prometheus scrapes it',
    description:
      'Prometheus’s text format 0.0.4, or OpenMetrics 1.0.0 where the Accept header prefers it; compressed with gzip for clients that take it. Series of instances that push carry their `instance` and `job`; scrape with `honor_labels: true`.',
    scope: 'read',
    lenient: true,
    handle: ({ raw }, { engine }) => {
      const format = negotiateFormat(raw.headers.get('accept'));
      const headers = { 'content-type': CONTENT_TYPES[format], vary: 'accept, accept-encoding' };
      if (raw.method === 'HEAD') return new Response(null, { headers });
      const text = ReadableStream.from(expositionSlices(engine.store, { nowMs: engine.clock.nowMs(), format }));
      const bytes = text.pipeThrough(new TextEncoderStream());
      if (!acceptsGzip(raw.headers.get('accept-encoding'))) return new Response(bytes, { headers });
      return new Response(bytes.pipeThrough(new CompressionStream('gzip')), { headers: { ...headers, 'content-encoding': 'gzip' } });
    },
  }),
];
