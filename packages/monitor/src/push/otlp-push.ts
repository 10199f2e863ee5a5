import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { WorkLoop } from '../engine/work-loop.ts';
import type { SampleStore } from '../store/sample-store.ts';
import { otlpRequest, type OtlpSeries } from './otlp-json.ts';

export interface OtlpPushOptions {
  /** Base URL of the receiver; `/v1/metrics` is added. */
  readonly url: string;
  readonly token?: string;
  readonly service: string;
  readonly instance: string;
  readonly store: SampleStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly periodMs: number;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/** Samples are sent in slices of at most this much time, so that catching up after an outage stays within a receiver's body limit. */
const SLICE_MS = 60_000;
/** Older unsent samples are given up: a receiver that was away longer has a gap. */
const LONGEST_BACKLOG_MS = 3_600_000;
/** A batch of another thread may carry samples this much older than the newest ones. */
const LATE_MS = 10_000;
const REQUEST_TIMEOUT_MS = 10_000;

const compress = promisify(gzip);

/**
 * Sends every own sample to an OTLP/HTTP receiver. The store is the queue: what could not be sent is read again, and a receiver that
 * sees a sample twice drops it. Answers 4xx other than 408 and 429 cannot be mended by waiting, so that slice is given up and said once.
 */
export class OtlpPush implements AsyncDisposable {
  readonly #options: OtlpPushOptions;
  readonly #loop: WorkLoop;
  readonly #sentUntilMs = new Map<string, number>();
  #cursorMs: number;
  #notBeforeMs = 0;
  #lastProblem = '';

  constructor(options: OtlpPushOptions) {
    this.#options = options;
    const { clock, log, periodMs } = options;
    this.#cursorMs = clock.nowMs() - LATE_MS;
    this.#loop = new WorkLoop({ name: 'push', clock, log, periodMs: () => periodMs, work: (nowMs) => this.#sendDue(nowMs) });
    this.#loop.start();
  }

  /** Sends what is unsent, once, and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop.stop();
    await this.#sendDue(this.#options.clock.nowMs()).catch(() => {});
  }

  async #sendDue(nowMs: number): Promise<void> {
    if (nowMs < this.#notBeforeMs) return;
    this.#cursorMs = Math.max(this.#cursorMs, nowMs - LONGEST_BACKLOG_MS);
    while (this.#cursorMs < nowMs) {
      const untilMs = Math.min(nowMs, this.#cursorMs + SLICE_MS);
      const series = this.#unsent(this.#cursorMs - LATE_MS, untilMs);
      if (series.length > 0 && !(await this.#send(series, nowMs))) return;
      for (const { key, timesMs } of series) this.#sentUntilMs.set(key, timesMs.at(-1) as number);
      this.#cursorMs = untilMs;
    }
  }

  #unsent(fromMs: number, toMs: number): OtlpSeries[] {
    const own = [
      { label: '__name__', op: '=~', value: '.+' },
      { label: 'instance', op: '=', value: '' },
    ] as const;
    const metadata = this.#options.store.metadata();
    const result: OtlpSeries[] = [];
    for (const view of this.#options.store.read(own, fromMs, toMs)) {
      const key = String(view.ref);
      const sentUntilMs = this.#sentUntilMs.get(key) ?? Number.NEGATIVE_INFINITY;
      let first = 0;
      while (first < view.length && (view.timesMs[first] as number) <= sentUntilMs) first++;
      if (first === view.length) continue;
      const timesMs = [...view.timesMs.subarray(first, view.length)];
      const values = [...view.values.subarray(first, view.length)];
      result.push({ key, name: view.name, labels: view.labels, meta: metadata.get(view.name), timesMs, values });
    }
    return result;
  }

  /** @returns whether these samples are done with: accepted, or refused for good. */
  async #send(series: readonly OtlpSeries[], nowMs: number): Promise<boolean> {
    const { url, token, service, instance } = this.#options;
    const fetch = this.#options.fetch ?? globalThis.fetch;
    try {
      const response = await fetch(new URL('v1/metrics', url.endsWith('/') ? url : `${url}/`), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: new Uint8Array(await compress(JSON.stringify(otlpRequest(series, { service, instance })))),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        redirect: 'error',
      });
      await response.arrayBuffer();
      if (response.ok) return this.#succeeded();
      this.#report(`HTTP ${response.status}`);
      const retryAfterS = Number(response.headers.get('retry-after'));
      if (retryAfterS > 0) this.#notBeforeMs = nowMs + Math.min(retryAfterS, 3600) * 1000;
      return response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429;
    } catch (error) {
      this.#report(messageOf(error));
      return false;
    }
  }

  #succeeded(): true {
    this.#lastProblem = '';
    return true;
  }

  /** Each problem once, until something works again. */
  #report(problem: string): void {
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.#options.log.warn({ problem }, `Pushing metrics to ${new URL(this.#options.url).origin} failed: ${problem}`);
  }
}
