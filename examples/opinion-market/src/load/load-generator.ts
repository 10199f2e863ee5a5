import http from 'node:http';
import type { Clock, Timer } from '@bellwether/monitor';
import { nextArrivalMs } from './arrivals.ts';
import { plannedRequest, type PlannedRequest } from './request-mix.ts';

export interface LoadOptions {
  /** Where the market is: `http://127.0.0.1:8001`. */
  readonly url: string;
  /** Mean arrivals a second, > 0. */
  readonly perSecond: number;
  readonly clock: Clock;
  /** Requests under way at most; more are dropped and counted, so that a stopped market does not fill the memory. @default 2000 */
  readonly mostInFlight?: number;
}
export interface LoadCounts {
  sent: number;
  failed: number;
  dropped: number;
}

/** Sends requests at a fixed mean rate, never waiting for an answer before the next. */
export class LoadGenerator implements Disposable {
  readonly counts: LoadCounts = { sent: 0, failed: 0, dropped: 0 };
  readonly #options: LoadOptions;
  readonly #mostInFlight: number;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
  #timer: Timer | undefined;
  #dueAtMs = 0;
  #inFlight = 0;

  constructor(options: LoadOptions) {
    if (!(options.perSecond > 0)) throw new RangeError('perSecond is above 0');
    this.#options = options;
    this.#mostInFlight = options.mostInFlight ?? 2000;
  }

  start(): void {
    this.#dueAtMs = this.#options.clock.monotonicMs();
    this.#wait();
  }
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#agent.destroy();
  }

  /** Arrivals keep their own time: what fell due while a timer was late is sent at once. */
  #wait(): void {
    const { clock, perSecond } = this.#options;
    this.#dueAtMs += nextArrivalMs(perSecond, () => clock.random());
    this.#timer = clock.schedule(Math.max(0, this.#dueAtMs - clock.monotonicMs()), () => {
      this.#send(plannedRequest(() => clock.random()));
      this.#wait();
    });
  }

  #send({ method, path, body }: PlannedRequest): void {
    if (this.#inFlight >= this.#mostInFlight) {
      this.counts.dropped++;
      return;
    }
    this.#inFlight++;
    this.counts.sent++;
    const request = http.request(new URL(path, this.#options.url), { method, agent: this.#agent, timeout: 30_000 });
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
    request.on('response', (response) => {
      if ((response.statusCode ?? 500) >= 500) this.counts.failed++;
      response.resume();
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => this.counts.failed++);
    request.on('close', () => this.#inFlight--);
    request.end(body);
  }
}
