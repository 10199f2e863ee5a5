import type { Clock } from '../../base/clock.ts';
import { metaOf } from '../../instruments/catalogue.ts';
import type { Counter } from '../../instruments/counter.ts';
import type { Timer } from '../../instruments/histogram.ts';
import type { Registry } from '../../instruments/registry.ts';
import type { ActiveSpan, Tracer } from '../spans/tracer.ts';
import { methodOf } from './http-server.ts';
import { OTHER_ROUTES } from './route-name.ts';

const MOST_HOSTS = 200;

/** A part of an outgoing request: `dns`, `connect` (TCP), `tls`; `connection` is all three where they cannot be told apart; `first_byte` runs from the request to the head of the response. */
export type ClientPhase = 'dns' | 'connect' | 'tls' | 'connection' | 'first_byte';

export interface HttpClientOptions {
  readonly clock: Clock;
  /** Takes a span of each request that is sent on behalf of another one, and tells the receiver. @default no spans */
  readonly tracer?: Tracer | undefined;
}

/** A request on its way. */
export interface Outgoing {
  readonly startedMs: number;
  readonly host: string;
  readonly method: string;
  readonly span: ActiveSpan | undefined;
  status: number;
}

/** The metrics of requests this process sends, whatever sends them. */
export class ClientMetrics {
  readonly clock: Clock;
  readonly #tracer: Tracer | undefined;
  readonly #times: Timer;
  readonly #phases: Timer;
  readonly #errors: Counter;
  readonly #outgoing = new WeakMap<object, Outgoing>();
  readonly #hosts = new Set<string>();

  constructor(registry: Registry, { clock, tracer }: HttpClientOptions) {
    this.clock = clock;
    this.#tracer = tracer;
    this.#times = registry.timer('http_client_time', metaOf('http_client_time'));
    this.#phases = registry.timer('http_client_phase_time', metaOf('http_client_phase_time'));
    this.#errors = registry.counter('http_client_errors_total', metaOf('http_client_errors_total'));
  }

  /** @param key What later calls know the request by. */
  start(key: object, target: { readonly host: string; readonly method: string }): Outgoing {
    const host = this.hostLabel(target.host);
    const method = methodOf(target.method);
    const startedMs = this.clock.monotonicMs();
    const span = this.#tracer?.child('client', `${method} ${host}`, startedMs);
    const outgoing: Outgoing = { startedMs, host, method, span, status: 0 };
    this.#outgoing.set(key, outgoing);
    return outgoing;
  }

  /** Headers that tell the receiver whose request this is. */
  traceHeaders({ span }: Outgoing): { readonly traceparent: string; readonly tracestate: string | undefined } | undefined {
    return span === undefined ? undefined : this.#tracer?.propagate(span);
  }

  firstByte(key: object, status: number): void {
    const outgoing = this.#outgoing.get(key);
    if (outgoing === undefined) return;
    outgoing.status = status;
    this.phase(outgoing.host, 'first_byte', this.clock.monotonicMs() - outgoing.startedMs);
  }

  /** @param host As `hostLabel` gave it. */
  phase(host: string, phase: ClientPhase, durationMs: number): void {
    this.#phases.record(durationMs, { host, phase });
  }

  end(key: object): void {
    const outgoing = this.#take(key);
    if (outgoing === undefined) return;
    const { startedMs, host, method, status, span } = outgoing;
    this.#times.stop(startedMs, { host, method, status });
    if (span !== undefined) this.#tracer?.end(span, { status, failed: status >= 500 });
  }

  fail(key: object): void {
    const outgoing = this.#take(key);
    if (outgoing === undefined) return;
    const { startedMs, host, method, span, status } = outgoing;
    this.#times.stop(startedMs, { host, method, status: 'error' });
    this.#errors.add(1, { host, method });
    if (span !== undefined) this.#tracer?.end(span, { status, failed: true });
  }

  /** `host[:port]` without credentials, in lower case; `(other)` beyond 200 of them. */
  hostLabel(given: string): string {
    const host = given.slice(given.lastIndexOf('@') + 1).toLowerCase();
    if (this.#hosts.has(host)) return host;
    if (this.#hosts.size >= MOST_HOSTS) return OTHER_ROUTES;
    this.#hosts.add(host);
    return host;
  }

  #take(key: object): Outgoing | undefined {
    const outgoing = this.#outgoing.get(key);
    if (outgoing !== undefined) this.#outgoing.delete(key);
    return outgoing;
  }
}
