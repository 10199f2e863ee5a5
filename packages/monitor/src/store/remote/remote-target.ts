import type { ClientRequest, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Clock } from '../../base/clock.ts';

export interface RemoteRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base address, such as `api/v1/query`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
  /** A longer answer is an error. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RemoteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Whether the connection was opened for this request although the one before was not said to end: the server may have been started anew. */
  readonly isReconnected: boolean;
}

/** Why a request got no answer worth having. */
export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure';
  readonly reason: 'unreachable' | 'timeout' | 'too_large' | 'aborted';
  constructor(reason: RemoteFailure['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * An HTTP server that BELLWETHER_STORE_URL names: `http(s)://[user:password@]host[:port][/path]`. Connections are kept open, redirects are not
 * followed, answers are bounded in time and size. Not `fetch`: that does not tell whether it had to connect anew.
 */
export class RemoteTarget implements Disposable {
  /** For people: without user and password. */
  readonly origin: string;
  readonly #base: URL;
  readonly #clock: Clock;
  readonly #authorization: string | undefined;
  readonly #agent: http.Agent;
  #wasToldToClose = true;

  constructor(url: string, clock: Clock) {
    const base = new URL(url);
    const { username, password } = base;
    if (username !== '' || password !== '')
      this.#authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
    base.username = base.password = base.search = base.hash = '';
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    this.#base = base;
    this.#clock = clock;
    this.origin = base.href.replace(/\/$/, '');
    this.#agent = base.protocol === 'https:' ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  }

  /** @throws RemoteFailure */
  async request(wanted: RemoteRequest): Promise<RemoteAnswer> {
    const ending = new AbortController();
    const timer = this.#clock.schedule(wanted.timeoutMs, () =>
      ending.abort(new RemoteFailure('timeout', `no answer within ${wanted.timeoutMs / 1000} s`)),
    );
    const onAbort = (): void => ending.abort(new RemoteFailure('aborted', 'given up'));
    wanted.signal?.addEventListener('abort', onAbort, { once: true });
    if (wanted.signal?.aborted === true) onAbort();
    try {
      return await this.#exchange(wanted, ending.signal);
    } catch (error) {
      if (ending.signal.aborted) throw ending.signal.reason;
      throw error instanceof RemoteFailure ? error : new RemoteFailure('unreachable', wordsOf(error));
    } finally {
      timer.cancel();
      wanted.signal?.removeEventListener('abort', onAbort);
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #exchange({ method, path, headers = {}, body, mostBytes }: RemoteRequest, signal: AbortSignal): Promise<RemoteAnswer> {
    const { request, response } = await new Promise<{ request: ClientRequest; response: IncomingMessage }>((resolve, reject) => {
      const client = this.#base.protocol === 'https:' ? https : http;
      const request: ClientRequest = client.request(
        new URL(path, this.#base),
        {
          method,
          agent: this.#agent,
          signal,
          headers: {
            ...headers,
            ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        (response) => resolve({ request, response }),
      );
      request.once('error', reject);
      request.end(body);
    });
    const isReconnected = !request.reusedSocket && !this.#wasToldToClose;
    this.#wasToldToClose = response.headers.connection === 'close';
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > mostBytes) throw new RemoteFailure('too_large', `an answer of more than ${mostBytes} bytes`);
      parts.push(part);
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts), isReconnected };
  }
}

/** Node gives several addresses' failures as one error without a text. */
function wordsOf(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  return message === undefined || message === '' ? (code ?? String(error)) : message;
}
