import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { RemoteAnswer, RemoteTarget } from './remote-target.ts';
import { RemoteFailure } from './remote-target.ts';
import { snap } from './snap.ts';
import type { OutgoingSeries, WriteEncoder } from './write-encoders.ts';

/** What became of one request. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly isReconnected: boolean }
  /** Waiting may help. `isOutage`: nobody answered, or said it cannot. */
  | { readonly kind: 'later'; readonly why: string; readonly isOutage: boolean; readonly afterMs: number | undefined }
  /** It will never be taken. */
  | { readonly kind: 'refused'; readonly why: string; readonly isReconnected: boolean };

const TIMEOUT_MS = 30_000;
const MOST_ANSWER_BYTES = 65_536;
const LONGEST_WORDS = 300;
const LONGEST_RETRY_AFTER_MS = 300_000;

const VERSION_1 = { 'content-type': 'application/x-protobuf', 'x-prometheus-remote-write-version': '0.1.0' };
const VERSION_2 = {
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  'x-prometheus-remote-write-version': '2.0.0',
};
const WRITTEN = 'x-prometheus-remote-write-samples-written';

/**
 * Speaks remote write to one receiver. Which version it understands is found out with the first request and again after each outage: a 2.0 body
 * counts as taken only if the answer says how many samples were written. Prometheus 2 and VictoriaMetrics answer 204 to one and store nothing;
 * the samples are then sent again as 1.0.
 */
export class WriteClient {
  readonly #target: RemoteTarget;
  readonly #encoder: WriteEncoder;
  readonly #clock: Clock;
  #version: 1 | 2 | undefined;

  constructor(parts: { readonly target: RemoteTarget; readonly encoder: WriteEncoder; readonly clock: Clock }) {
    this.#target = parts.target;
    this.#encoder = parts.encoder;
    this.#clock = parts.clock;
  }

  /** The version agreed on; `undefined` before the first answer. */
  get version(): 1 | 2 | undefined {
    return this.#version;
  }

  /** Finds out anew what the receiver understands, and tells it all metadata again. */
  beginAnew(): void {
    this.#version = undefined;
    this.#encoder.tellAgain();
  }

  async write(series: readonly OutgoingSeries[], signal: AbortSignal): Promise<WriteOutcome> {
    try {
      if (this.#version !== 1) {
        const answer = await this.#post(this.#encoder.encode2(series), VERSION_2, signal);
        const isTaken = isSuccess(answer) && answer.headers[WRITTEN] !== undefined;
        if (isTaken) this.#version = 2;
        if (isTaken || this.#version === 2 || isBusy(answer)) return this.#outcomeOf(answer);
        this.#version = 1;
      }
      return this.#outcomeOf(await this.#post(this.#encoder.encode1(series), VERSION_1, signal));
    } catch (error) {
      const why = error instanceof RemoteFailure ? error.message : messageOf(error);
      return { kind: 'later', why, isOutage: true, afterMs: undefined };
    }
  }

  #post(body: Uint8Array, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<RemoteAnswer> {
    return this.#target.request({
      method: 'POST',
      path: 'api/v1/write',
      headers: { ...headers, 'content-encoding': 'snappy', 'user-agent': 'bellwether' },
      body: snap(body),
      timeoutMs: TIMEOUT_MS,
      mostBytes: MOST_ANSWER_BYTES,
      signal,
    });
  }

  #outcomeOf(answer: RemoteAnswer): WriteOutcome {
    const { isReconnected, status, body } = answer;
    if (isSuccess(answer)) return { kind: 'written', isReconnected };
    const words = body.toString('utf8', 0, LONGEST_WORDS).trim().split('\n')[0] ?? '';
    const why = `HTTP ${status}${words === '' ? '' : `: ${words}`}`;
    if (!isBusy(answer)) return { kind: 'refused', why, isReconnected };
    return { kind: 'later', why, isOutage: status >= 500, afterMs: this.#retryAfterMs(answer) };
  }

  /** Seconds or a date. */
  #retryAfterMs({ headers }: RemoteAnswer): number | undefined {
    const text = headers['retry-after'];
    if (typeof text !== 'string') return undefined;
    const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - this.#clock.nowMs();
    return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS) : undefined;
  }
}

function isSuccess({ status }: RemoteAnswer): boolean {
  return status >= 200 && status < 300;
}

/** Waiting may help: the server failed, or has too much to do. Redirects and wrong passwords are mended by people, so nothing is lost over them. */
function isBusy({ status }: RemoteAnswer): boolean {
  return (
    status >= 500 ||
    status === 429 ||
    status === 408 ||
    status === 401 ||
    status === 403 ||
    status === 404 ||
    (status >= 300 && status < 400)
  );
}
