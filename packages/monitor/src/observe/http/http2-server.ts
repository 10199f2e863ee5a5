import type { ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../../base/clock.ts';
import type { Registry } from '../../instruments/registry.ts';
import { listenTo } from '../listen.ts';
import type { ActiveSpan, Tracer } from '../spans/tracer.ts';
import { beginSpan, methodOf } from './http-server.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { namedRoute, RouteGuesser, UNMATCHED_ROUTE } from './route-name.ts';

interface StreamMessage {
  readonly stream: ServerHttp2Stream;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

interface Serving {
  readonly startedMs: number;
  readonly method: string;
  readonly path: string;
  readonly span: ActiveSpan | undefined;
}

const text = (value: string | readonly string[] | undefined): string => (typeof value === 'string' ? value : '');

/**
 * Measures HTTP/2 requests this process serves, by node's own channels (Node 24.2 and newer publish on them; before that nothing is seen). A stream that closes
 * without an answer, or with an error code, was aborted. Sizes are not told: the socket is shared by the streams.
 */
export function observeHttp2Server(
  registry: Registry,
  metrics: RequestMetrics,
  { clock, tracer, maxGuessedRoutes }: { readonly clock: Clock; readonly tracer?: Tracer | undefined; readonly maxGuessedRoutes?: number },
): Disposable {
  const guesser = new RouteGuesser(maxGuessedRoutes);
  const servings = new WeakMap<object, Serving>();
  return listenTo(registry, {
    'http2.server.stream.start': ({ stream, headers }: StreamMessage) => {
      const span = tracer === undefined ? undefined : beginSpan(tracer, traceHeaders(headers));
      const startedMs = span?.startedMs ?? clock.monotonicMs();
      servings.set(stream, { startedMs, method: methodOf(text(headers[':method'])), path: text(headers[':path']), span });
      metrics.begin();
    },
    'http2.server.stream.close': ({ stream }: Pick<StreamMessage, 'stream'>) => {
      const serving = servings.get(stream);
      if (serving === undefined) return;
      servings.delete(stream);
      const { method, path, startedMs, span } = serving;
      const status = Number(stream.sentHeaders?.[':status'] ?? 0);
      const isAborted = status === 0 || stream.aborted || stream.rstCode !== 0;
      const route = namedRoute(stream) ?? (status === 404 ? UNMATCHED_ROUTE : guesser.guess(path));
      if (isAborted) metrics.aborted({ method, route });
      else metrics.answered({ method, route, status, durationMs: clock.monotonicMs() - startedMs });
      if (span !== undefined) tracer?.end(span, { name: `${method} ${route}`, status, failed: isAborted || status >= 500 });
    },
  });
}

/** As a flat list, which is what the other protocol brings. */
function traceHeaders(headers: StreamMessage['headers']): string[] {
  return ['traceparent', 'tracestate'].flatMap((name) => (typeof headers[name] === 'string' ? [name, headers[name]] : []));
}
