import { subscribe, unsubscribe, type ChannelListener } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { metaOf } from '../../instruments/catalogue.ts';
import type { Counter } from '../../instruments/counter.ts';
import type { Timer } from '../../instruments/histogram.ts';
import type { Registry } from '../../instruments/registry.ts';
import { OTHER_ROUTES } from './route-name.ts';

const MOST_HOSTS = 200;

/** What undici puts on its channels, as far as it is read here. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method?: string;
}

interface Outgoing {
  readonly startedMs: number;
  readonly host: string;
  readonly method: string;
  status: number;
}

/** Requests this process sends, timed from the request to the end of the response. */
class HttpClientInstrument implements Disposable {
  readonly #clock: Clock;
  readonly #times: Timer;
  readonly #errors: Counter;
  readonly #outgoing = new WeakMap<object, Outgoing>();
  readonly #hosts = new Set<string>();
  readonly #subscriptions: readonly (readonly [string, ChannelListener])[] = [
    ['undici:request:create', (message) => this.#startUndici((message as { request: UndiciRequest }).request)],
    ['undici:request:headers', (message) => this.#headers(message as { request: object; response: { statusCode: number } })],
    ['undici:request:trailers', (message) => this.#end((message as { request: object }).request)],
    ['undici:request:error', (message) => this.#fail((message as { request: object }).request)],
    ['http.client.request.start', (message) => this.#startHttp((message as { request: ClientRequest }).request)],
    ['http.client.response.finish', (message) => this.#response(message as { request: ClientRequest; response: IncomingMessage })],
    ['http.client.request.error', (message) => this.#fail((message as { request: object }).request)],
  ];

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock;
    this.#times = registry.timer('http_client_time', metaOf('http_client_time'));
    this.#errors = registry.counter('http_client_errors_total', metaOf('http_client_errors_total'));
    for (const [channel, listener] of this.#subscriptions) subscribe(channel, listener);
  }

  [Symbol.dispose](): void {
    for (const [channel, listener] of this.#subscriptions) unsubscribe(channel, listener);
  }

  #startUndici(request: UndiciRequest): void {
    const origin = String(request.origin ?? '');
    this.#start(request, { host: origin.slice(origin.indexOf('//') + 2), method: request.method ?? 'GET' });
  }
  #startHttp(request: ClientRequest): void {
    const host = request.getHeader('host');
    this.#start(request, { host: typeof host === 'string' ? host : (request.host ?? ''), method: request.method });
  }
  #start(request: object, { host, method }: { readonly host: string; readonly method: string }): void {
    this.#outgoing.set(request, { startedMs: this.#clock.monotonicMs(), host: this.#bounded(host), method, status: 0 });
  }

  #headers({ request, response }: { readonly request: object; readonly response: { readonly statusCode: number } }): void {
    const outgoing = this.#outgoing.get(request);
    if (outgoing !== undefined) outgoing.status = response.statusCode;
  }
  #response({ request, response }: { readonly request: ClientRequest; readonly response: IncomingMessage }): void {
    this.#headers({ request, response: { statusCode: response.statusCode ?? 0 } });
    response.once('close', () => this.#end(request));
  }

  #end(request: object): void {
    const outgoing = this.#outgoing.get(request);
    if (outgoing === undefined) return;
    this.#outgoing.delete(request);
    const { startedMs, host, method, status } = outgoing;
    this.#times.stop(startedMs, { host, method, status });
  }
  #fail(request: object): void {
    const outgoing = this.#outgoing.get(request);
    if (outgoing === undefined) return;
    this.#outgoing.delete(request);
    const { startedMs, host, method } = outgoing;
    this.#times.stop(startedMs, { host, method, status: 'error' });
    this.#errors.add(1, { host, method });
  }

  #bounded(host: string): string {
    if (this.#hosts.has(host)) return host;
    if (this.#hosts.size >= MOST_HOSTS) return OTHER_ROUTES;
    this.#hosts.add(host);
    return host;
  }
}

/** Measures outgoing requests of node:http(s), fetch and undici: `http_client_time` and `http_client_errors_total`. */
export function instrumentHttpClient(registry: Registry, { clock }: { readonly clock: Clock }): Disposable {
  return new HttpClientInstrument(registry, clock);
}
