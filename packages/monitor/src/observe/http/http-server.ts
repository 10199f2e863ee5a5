import { METHODS, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Registry } from '../../instruments/registry.ts';
import { guarded, listenTo } from '../listen.ts';
import { cleanTraceState, parseTraceParent, rawHeader } from '../spans/trace-context.ts';
import type { ActiveSpan, Tracer } from '../spans/tracer.ts';
import { RequestMetrics } from './request-metrics.ts';
import { givenRoute, RouteGuesser, UNMATCHED_ROUTE } from './route-name.ts';

export interface HttpServerOptions {
  readonly clock: Clock;
  /** Requests to leave out, such as a health probe's. @default none */
  readonly ignore?: (request: IncomingMessage) => boolean;
  /** Different routes guessed from paths; further ones are `(other)`. Routes named by frameworks do not count. @default 200 */
  readonly maxGuessedRoutes?: number;
  /** Takes a span of each request. @default no spans */
  readonly tracer?: Tracer | undefined;
}

interface ServerMessage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Serving {
  readonly startedMs: number;
  readonly span: ActiveSpan | undefined;
}

/** An object of node's that carries something of ours: a property, for a WeakMap or `Reflect` takes 0.1 to 0.2 µs a request more. */
type Marked<T> = object & { [mark: symbol]: T | undefined };

/** Shorter responses are not asked whether they are streams of events. */
const LONG_MS = 1000;
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/**
 * Bytes of a socket told so far. A request's share is what came since the last answer on its socket, so the totals are exact and only requests sent before the
 * previous answer (pipelining) shift some bytes between them.
 */
class SocketBytes {
  read = 0;
  written = 0;
}

/** Measures what this process serves over HTTP/1: listeners on node's own channels, no module is patched. */
class HttpServerInstrument implements Disposable {
  readonly #clock: Clock;
  readonly #ignore: ((request: IncomingMessage) => boolean) | undefined;
  readonly #tracer: Tracer | undefined;
  readonly #guesser: RouteGuesser;
  readonly #metrics: RequestMetrics;
  readonly #listening: Disposable;
  /** Keys of this instrument alone: several may watch one process. */
  readonly #serving: symbol = Symbol('bellwether.serving');
  readonly #bytes: symbol = Symbol('bellwether.bytes');
  readonly #onClose: (this: ServerResponse) => void;

  constructor(registry: Registry, metrics: RequestMetrics, options: HttpServerOptions) {
    this.#clock = options.clock;
    this.#ignore = options.ignore;
    this.#tracer = options.tracer;
    this.#guesser = new RouteGuesser(options.maxGuessedRoutes);
    this.#metrics = metrics;
    const onClose = guarded(registry, (response: ServerResponse) => this.#close(response));
    this.#onClose = function closed(this: ServerResponse): void {
      onClose(this);
    };
    this.#listening = listenTo(registry, {
      'http.server.request.start': (message: ServerMessage) => this.#start(message),
      'http.server.response.finish': (message: ServerMessage) => this.#finish(message),
    });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #start({ request, response }: ServerMessage): void {
    if (this.#ignore?.(request) === true) return;
    const span = this.#tracer === undefined ? undefined : beginSpan(this.#tracer, request.rawHeaders);
    const serving: Serving = { startedMs: span?.startedMs ?? this.#clock.monotonicMs(), span };
    (response as object as Marked<Serving>)[this.#serving] = serving;
    response.on('close', this.#onClose);
    this.#metrics.begin();
  }

  #finish({ request, response }: ServerMessage): void {
    const serving = this.#take(response);
    if (serving === undefined) return;
    const status = response.statusCode;
    const method = methodOf(request.method);
    const route = givenRoute(request) ?? (status === 404 ? UNMATCHED_ROUTE : this.#guesser.guess(request.url ?? '/'));
    const durationMs = this.#clock.monotonicMs() - serving.startedMs;
    if (durationMs >= LONG_MS && isEventStream(response)) return this.#streamed(serving, { method, route, status });
    const { socket } = request;
    const told = this.#toldOf(socket);
    const { bytesRead, bytesWritten } = socket;
    this.#metrics.answered({
      method,
      route,
      status,
      durationMs,
      requestBytes: bytesRead - told.read,
      responseBytes: bytesWritten - told.written,
    });
    told.read = bytesRead;
    told.written = bytesWritten;
    if (serving.span !== undefined) this.#tracer?.end(serving.span, { name: `${method} ${route}`, status, failed: status >= 500 });
  }

  /** After a finish there is nothing left to do; without one the client went away. */
  #close(response: ServerResponse): void {
    const serving = this.#take(response);
    if (serving === undefined) return;
    const { req: request } = response;
    const method = methodOf(request.method);
    const route = givenRoute(request) ?? this.#guesser.guess(request.url ?? '/');
    if (isEventStream(response)) return this.#streamed(serving, { method, route, status: response.statusCode });
    this.#metrics.aborted({ method, route });
    if (serving.span !== undefined) this.#tracer?.end(serving.span, { name: `${method} ${route}`, failed: true });
  }

  #streamed({ span }: Serving, request: { readonly method: string; readonly route: string; readonly status: number }): void {
    this.#metrics.streamed(request);
    if (span !== undefined) this.#tracer?.discard(span);
  }

  #take(response: ServerResponse): Serving | undefined {
    const marked = response as object as Marked<Serving>;
    const serving = marked[this.#serving];
    if (serving !== undefined) marked[this.#serving] = undefined;
    return serving;
  }

  #toldOf(socket: Socket): SocketBytes {
    return ((socket as object as Marked<SocketBytes>)[this.#bytes] ??= new SocketBytes());
  }
}

/** Server-sent events end when the client leaves, which is neither slow nor a failure. */
function isEventStream(response: ServerResponse): boolean {
  // What `writeHead` was given stands in the text of the head only.
  const { _header: head } = response as { readonly _header?: unknown };
  return typeof head === 'string' && /^content-type:\s*text\/event-stream/im.test(head);
}

/** The first span of a request, below its caller's if that told who it is. */
export function beginSpan(tracer: Tracer, rawHeaders: readonly string[]): ActiveSpan {
  const parent = rawHeader(rawHeaders, 'traceparent');
  const remote = parent === undefined ? undefined : parseTraceParent(parent);
  if (remote === undefined) return tracer.enter('server');
  const state = rawHeader(rawHeaders, 'tracestate');
  return tracer.enter('server', remote, state === undefined ? undefined : cleanTraceState(state));
}

/** Strangers choose the method, so only node's own are told. */
export function methodOf(method: string | undefined): string {
  return method !== undefined && KNOWN_METHODS.has(method) ? method : 'OTHER';
}

/** Measures HTTP/1 requests this process serves, into `metrics`. Routes are what frameworks and `nameRoute` called them, else guessed from the path. */
export function observeHttpServer(registry: Registry, metrics: RequestMetrics, options: HttpServerOptions): Disposable {
  return new HttpServerInstrument(registry, metrics, options);
}
