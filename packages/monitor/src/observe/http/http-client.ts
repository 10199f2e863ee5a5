import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Registry } from '../../instruments/registry.ts';
import { guarded, listenTo } from '../listen.ts';
import { ClientMetrics, type ClientPhase, type HttpClientOptions } from './client-metrics.ts';

/** What undici puts on its channels, as far as it is read here. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method?: string;
  readonly headers?: readonly unknown[] | string;
  addHeader?(name: string, value: string): unknown;
}
interface UndiciConnect {
  readonly connectParams: { readonly host?: string };
  /** The same object at the start and at the end of connecting. */
  readonly connector: object;
}

/** `Host` as node:http sends it. */
function hostOf(request: ClientRequest): string {
  const host = request.getHeader('host');
  return typeof host === 'string' ? host : (request.host ?? '');
}

/** Requests of node:http and node:https. */
function nodeListeners(registry: Registry, metrics: ClientMetrics): Parameters<typeof listenTo>[1] {
  const watchSocket = guarded(registry, ({ request, socket }: { readonly request: ClientRequest; readonly socket: Socket }) => {
    // A kept-alive socket is connected already.
    if (socket.connecting) watchConnecting(socket, { registry, metrics, host: metrics.hostLabel(hostOf(request)) });
  });
  return {
    'http.client.request.created': ({ request }: { readonly request: ClientRequest }) => {
      const outgoing = metrics.start(request, { host: hostOf(request), method: request.method });
      request.once('socket', (socket: Socket) => watchSocket({ request, socket }));
      if (request.headersSent || request.hasHeader('traceparent')) return;
      const headers = metrics.traceHeaders(outgoing);
      if (headers === undefined) return;
      request.setHeader('traceparent', headers.traceparent);
      if (headers.tracestate !== undefined) request.setHeader('tracestate', headers.tracestate);
    },
    'http.client.response.finish': ({ request, response }: { readonly request: ClientRequest; readonly response: IncomingMessage }) => {
      metrics.firstByte(request, response.statusCode ?? 0);
      response.once('close', () => (response.complete ? metrics.end(request) : metrics.fail(request)));
    },
    'http.client.request.error': ({ request }: { readonly request: ClientRequest }) => metrics.fail(request),
  };
}

function watchConnecting(
  socket: Socket,
  { registry, metrics, host }: { readonly registry: Registry; readonly metrics: ClientMetrics; readonly host: string },
): void {
  let markMs = metrics.clock.monotonicMs();
  const phase = (name: ClientPhase) =>
    guarded(registry, () => {
      const nowMs = metrics.clock.monotonicMs();
      metrics.phase(host, name, nowMs - markMs);
      markMs = nowMs;
    }) as () => void;
  socket.once('lookup', phase('dns'));
  socket.once('connect', phase('connect'));
  if ('encrypted' in socket) socket.once('secureConnect', phase('tls'));
}

/** Requests of `fetch` and undici. */
function undiciListeners(metrics: ClientMetrics): Parameters<typeof listenTo>[1] {
  const connecting = new WeakMap<object, number>();
  const connected = ({ connector, connectParams }: UndiciConnect): void => {
    const startedMs = connecting.get(connector);
    if (startedMs === undefined) return;
    connecting.delete(connector);
    metrics.phase(metrics.hostLabel(connectParams.host ?? ''), 'connection', metrics.clock.monotonicMs() - startedMs);
  };
  return {
    'undici:request:create': ({ request }: { readonly request: UndiciRequest }) => {
      const origin = String(request.origin ?? '');
      const outgoing = metrics.start(request, { host: origin.slice(origin.indexOf('//') + 2), method: request.method ?? 'GET' });
      const headers = hasTraceParent(request.headers) ? undefined : metrics.traceHeaders(outgoing);
      if (headers === undefined) return;
      request.addHeader?.('traceparent', headers.traceparent);
      if (headers.tracestate !== undefined) request.addHeader?.('tracestate', headers.tracestate);
    },
    'undici:request:headers': ({ request, response }: { readonly request: object; readonly response: { readonly statusCode: number } }) =>
      metrics.firstByte(request, response.statusCode),
    'undici:request:trailers': ({ request }: { readonly request: object }) => metrics.end(request),
    'undici:request:error': ({ request }: { readonly request: object }) => metrics.fail(request),
    'undici:client:beforeConnect': ({ connector }: UndiciConnect) => void connecting.set(connector, metrics.clock.monotonicMs()),
    'undici:client:connected': connected,
    'undici:client:connectError': connected,
  };
}

function hasTraceParent(headers: UndiciRequest['headers']): boolean {
  if (typeof headers === 'string') return /^traceparent:/im.test(headers);
  return headers?.some((item, i) => i % 2 === 0 && typeof item === 'string' && item.toLowerCase() === 'traceparent') === true;
}

/** Measures outgoing requests of node:http(s), fetch and undici by host: `http_client_time`, `http_client_phase_time`, `http_client_errors_total`. */
export function observeHttpClient(registry: Registry, options: HttpClientOptions): Disposable {
  const metrics = new ClientMetrics(registry, options);
  return listenTo(registry, { ...nodeListeners(registry, metrics), ...undiciListeners(metrics) });
}
