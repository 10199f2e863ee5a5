import { metaOf } from '../../instruments/catalogue.ts';
import type { BoundCounter, Counter } from '../../instruments/counter.ts';
import type { Gauge } from '../../instruments/gauge.ts';
import type { BoundHistogram, Timer } from '../../instruments/histogram.ts';
import type { Registry } from '../../instruments/registry.ts';
import { ErrorRate } from './error-rate.ts';

/** Bound series at most; those of further routes are looked up at each request. */
const MOST_BOUND = 2000;

/** How a request ended. */
export interface AnsweredRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** On the wire, with headers; absent where it cannot be told. */
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
}

interface BoundAnswer {
  readonly time: BoundHistogram;
  readonly requests: BoundCounter;
  readonly requestBytes: BoundCounter;
  readonly responseBytes: BoundCounter;
}

/** The metrics of requests served, whatever protocol brought them: rate, errors, duration, sizes, in flight, aborted. */
export class RequestMetrics implements Disposable {
  readonly #times: Timer;
  readonly #requests: Counter;
  readonly #requestBytes: Counter;
  readonly #responseBytes: Counter;
  readonly #aborted: Counter;
  readonly #errors = new ErrorRate();
  readonly #draining: Disposable;
  /** By route, then method, then status: three look-ups instead of three for each of four metrics. */
  readonly #bound = new Map<string, Map<string, Map<number, BoundAnswer>>>();
  #boundCount = 0;
  #inFlightCount = 0;

  constructor(registry: Registry) {
    this.#times = registry.timer('api_response_time', metaOf('api_response_time'));
    this.#requests = registry.counter('api_requests_total', metaOf('api_requests_total'));
    this.#requestBytes = registry.counter('api_request_bytes_total', metaOf('api_request_bytes_total'));
    this.#responseBytes = registry.counter('api_response_bytes_total', metaOf('api_response_bytes_total'));
    this.#aborted = registry.counter('api_requests_aborted_total', metaOf('api_requests_aborted_total'));
    const inFlight: Gauge = registry.gauge('api_requests_in_flight', metaOf('api_requests_in_flight'));
    const errorRate: Gauge = registry.gauge('error_rate', metaOf('error_rate'));
    this.#draining = registry.onDrain((nowMs) => {
      errorRate.set(this.#errors.at(nowMs));
      inFlight.set(this.#inFlightCount);
    });
  }

  begin(): void {
    this.#inFlightCount++;
  }

  answered(request: AnsweredRequest): void {
    this.#inFlightCount--;
    const { requestBytes, responseBytes } = request;
    const bound = this.#find(request) ?? this.#bind(request);
    bound.time.record(request.durationMs);
    bound.requests.add(1);
    if (requestBytes !== undefined) bound.requestBytes.add(requestBytes);
    if (responseBytes !== undefined) bound.responseBytes.add(responseBytes);
    this.#errors.add(request.status >= 500);
  }

  /** A response that went on as long as somebody listened: its time is no measure of anything. */
  streamed({ method, route, status }: Pick<AnsweredRequest, 'method' | 'route' | 'status'>): void {
    this.#inFlightCount--;
    this.#requests.add(1, { method, route, status });
  }

  aborted(request: { readonly method: string; readonly route: string }): void {
    this.#inFlightCount--;
    this.#aborted.add(1, request);
  }

  [Symbol.dispose](): void {
    this.#draining[Symbol.dispose]();
  }

  #find({ method, route, status }: AnsweredRequest): BoundAnswer | undefined {
    return this.#bound.get(route)?.get(method)?.get(status);
  }

  #bind({ method, route, status }: AnsweredRequest): BoundAnswer {
    const made: BoundAnswer = {
      time: this.#times.with({ method, route, status }),
      requests: this.#requests.with({ method, route, status }),
      requestBytes: this.#requestBytes.with({ method, route }),
      responseBytes: this.#responseBytes.with({ method, route }),
    };
    if (this.#boundCount >= MOST_BOUND) return made;
    this.#boundCount++;
    let byMethod = this.#bound.get(route);
    if (byMethod === undefined) this.#bound.set(route, (byMethod = new Map()));
    let byStatus = byMethod.get(method);
    if (byStatus === undefined) byMethod.set(method, (byStatus = new Map()));
    byStatus.set(status, made);
    return made;
  }
}
