import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { METHODS, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { metaOf } from '../../instruments/catalogue.ts';
import type { Counter } from '../../instruments/counter.ts';
import { ErrorRate } from './error-rate.ts';
import type { Gauge } from '../../instruments/gauge.ts';
import type { Timer } from '../../instruments/histogram.ts';
import { instrumentHttpClient } from './http-client.ts';
import type { Registry } from '../../instruments/registry.ts';
import { nameFastifyRoutes } from './route-adapters.ts';
import { givenRoute, RouteGuesser, UNMATCHED_ROUTE } from './route-name.ts';

export interface HttpInstrumentationOptions {
  readonly clock: Clock;
  /** Requests to leave out, such as a health probe's. @default none */
  readonly ignore?: (request: IncomingMessage) => boolean;
  /** Different routes guessed from paths; further ones are `(other)`. Routes named by frameworks do not count. @default 200 */
  readonly maxGuessedRoutes?: number;
  /** Measure outgoing requests, too. @default true */
  readonly client?: boolean;
}

interface ServerMessage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const STARTED_MS: unique symbol = Symbol('bellwether.started');
type Timed = ServerResponse & { [STARTED_MS]?: number | undefined };

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** Measures what this process serves: one listener on node's own channels, no module is patched. */
class HttpServerInstrument implements Disposable {
  readonly #clock: Clock;
  readonly #ignore: ((request: IncomingMessage) => boolean) | undefined;
  readonly #guesser: RouteGuesser;
  readonly #times: Timer;
  readonly #requests: Counter;
  readonly #aborted: Counter;
  readonly #inFlight: Gauge;
  readonly #errors = new ErrorRate();
  readonly #draining: Disposable;
  /** Reused: the registry copies what it keeps. */
  readonly #labels: { method: string; route: string; status: number } = { method: '', route: '', status: 0 };
  readonly #onClose: (this: ServerResponse) => void;
  #inFlightCount = 0;

  constructor(registry: Registry, options: HttpInstrumentationOptions) {
    this.#clock = options.clock;
    this.#ignore = options.ignore;
    this.#guesser = new RouteGuesser(options.maxGuessedRoutes);
    this.#times = registry.timer('api_response_time', metaOf('api_response_time'));
    this.#requests = registry.counter('api_requests_total', metaOf('api_requests_total'));
    this.#aborted = registry.counter('api_requests_aborted_total', metaOf('api_requests_aborted_total'));
    this.#inFlight = registry.gauge('api_requests_in_flight', metaOf('api_requests_in_flight'));
    const errorRate = registry.gauge('error_rate', metaOf('error_rate'));
    this.#draining = registry.onDrain((nowMs) => {
      errorRate.set(this.#errors.at(nowMs));
      this.#inFlight.set(this.#inFlightCount);
    });
    const onClose = (response: Timed): void => this.#close(response);
    this.#onClose = function closed(this: ServerResponse): void {
      onClose(this);
    };
    subscribe('http.server.request.start', this.#onStart);
    subscribe('http.server.response.finish', this.#onFinish);
  }

  [Symbol.dispose](): void {
    unsubscribe('http.server.request.start', this.#onStart);
    unsubscribe('http.server.response.finish', this.#onFinish);
    this.#draining[Symbol.dispose]();
  }

  readonly #onStart = (message: unknown): void => {
    const { request, response } = message as ServerMessage;
    if (this.#ignore?.(request) === true) return;
    (response as Timed)[STARTED_MS] = this.#clock.monotonicMs();
    response.on('close', this.#onClose);
    this.#inFlightCount++;
  };

  readonly #onFinish = (message: unknown): void => {
    const { request, response } = message as ServerMessage;
    const startedMs = (response as Timed)[STARTED_MS];
    if (startedMs === undefined) return;
    this.#done(response);
    const status = response.statusCode;
    const labels = this.#labels;
    labels.method = methodOf(request);
    labels.route = givenRoute(request) ?? (status === 404 ? UNMATCHED_ROUTE : this.#guesser.guess(request.url ?? '/'));
    labels.status = status;
    this.#times.stop(startedMs, labels);
    this.#requests.add(1, labels);
    this.#errors.add(status >= 500);
  };

  /** After a finish there is nothing left to do; without one the client went away. */
  #close(response: Timed): void {
    if (response[STARTED_MS] === undefined) return;
    this.#done(response);
    const { req: request } = response;
    this.#aborted.add(1, { method: methodOf(request), route: givenRoute(request) ?? this.#guesser.guess(request.url ?? '/') });
  }

  #done(response: Timed): void {
    response[STARTED_MS] = undefined;
    this.#inFlightCount--;
  }
}

function methodOf(request: IncomingMessage): string {
  const method = request.method ?? '';
  return KNOWN_METHODS.has(method) ? method : 'OTHER';
}

/**
 * Measures HTTP without a line in the application: requests this process serves (`api_response_time`, `api_requests_total`, `error_rate`, …) and, unless
 * `client` is false, those it sends. Routes are what `nameRoute`, Express or Fastify called them, else guessed from the path.
 */
export function instrumentHttpServer(registry: Registry, options: HttpInstrumentationOptions): Disposable {
  const resources = new DisposableStack();
  resources.use(new HttpServerInstrument(registry, options));
  resources.use(nameFastifyRoutes());
  if (options.client !== false) resources.use(instrumentHttpClient(registry, options));
  return resources;
}
