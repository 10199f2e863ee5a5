import * as http from 'node:http';
import * as https from 'node:https';
import type { Clock } from '../../base/clock.ts';
import { BellwetherError, messageOf } from '../../base/errors.ts';
import type { SendOutcome } from '../channel.ts';
import { retryAfterAtMs } from './retry-after.ts';
import type { TargetGuard } from './target-guard.ts';
import { secretsOf, withoutSecrets } from './without-secrets.ts';

export interface PostOptions {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Secrets of the body; those of the URL and of the headers are known. @default none */
  readonly secrets?: readonly string[];
  readonly guard: TargetGuard;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From the look-up to the last byte of the answer. @default 10,000 */
  readonly timeoutMs?: number;
  /** What a 2xx answer means, for receivers that tell it in the body (its first 16 KB). @default sent, the body is not read */
  readonly judge?: (answer: string) => SendOutcome | undefined;
  /** Seconds to wait that an answer names in its body instead of `Retry-After`. */
  readonly retryAfterSeconds?: (answer: string) => number | undefined;
}

const TIMEOUT_MS = 10_000;
const REASON_BYTES_READ = 2_048;
const ANSWER_BYTES_READ = 16_384;

class TimedOut extends Error {}

function failed(error: string, permanent = false): SendOutcome {
  return { status: 'failed', error, permanent };
}

/** Taken: whatever else the receiver says does not matter. */
function isSuccess({ statusCode = 0 }: http.IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function refusedBy(response: http.IncomingMessage, text: string, options: PostOptions): SendOutcome {
  const { clock, retryAfterSeconds, url, headers, secrets = [] } = options;
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) return failed(`HTTP ${status}: redirects are not followed; give the final address`, true);
  const said = withoutSecrets(text, [...secretsOf(url, headers), ...secrets]).slice(0, 200);
  const wish = response.headers['retry-after'] ?? retryAfterSeconds?.(text);
  const retryAtMs = retryAfterAtMs(wish === undefined ? undefined : String(wish), clock.nowMs());
  return {
    status: 'failed',
    error: `HTTP ${status}${said === '' ? '' : `: ${said}`}`,
    permanent: status >= 400 && status < 500 && status !== 408 && status !== 429,
    ...(retryAtMs === undefined ? {} : { retryAtMs }),
  };
}

/** Reads the start of an answer; the rest is cut off with the connection. */
async function readStart(response: http.IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= limitBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, limitBytes).toString('utf8');
}

function request(options: PostOptions, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const body = Buffer.from(options.body);
  const send = options.url.startsWith('https:') ? https.request : http.request;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'bellwether',
    ...options.headers,
    'content-length': body.length,
  };
  send(options.url, { method: 'POST', headers, agent: false, lookup: options.guard.lookup, signal }, resolve)
    .on('error', reject)
    // The one event that always comes: an answer 101 makes neither a response nor an error.
    .on('close', () => reject(new Error('The connection was closed without an answer')))
    .end(body);
  return promise;
}

function outcomeOfError(error: unknown, options: PostOptions, cut: AbortSignal): SendOutcome {
  if (error instanceof BellwetherError && error.code === 'target_refused') return failed(error.message, true);
  if (options.signal.aborted) return failed('Sending was given up');
  if (cut.reason instanceof TimedOut) return failed(cut.reason.message);
  // Node's message of a connection error names the address, never the path of the URL, where secrets are.
  return failed(messageOf(error) || 'The connection failed');
}

/**
 * Posts once. Never throws, follows no redirect, reads no more than the start of the answer, and never tells the URL, whose path may be a secret.
 * Answers 4xx other than 408 and 429 are permanent, as are redirects and refused targets; all else is worth another try.
 */
export async function httpPost(options: PostOptions): Promise<SendOutcome> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const cut = new AbortController();
  const onAbort = (): void => cut.abort(options.signal.reason);
  using _timer = options.clock.schedule(timeoutMs, () => cut.abort(new TimedOut(`No answer within ${timeoutMs / 1000} s`)));
  if (options.signal.aborted) onAbort();
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    options.guard.check(new URL(options.url).hostname);
    const response = await request(options, cut.signal);
    if (isSuccess(response)) {
      const meaning = options.judge?.(await readStart(response, ANSWER_BYTES_READ));
      response.destroy();
      return meaning ?? { status: 'sent', detail: `HTTP ${response.statusCode}` };
    }
    // Status and headers say enough when the reason does not come.
    return refusedBy(response, await readStart(response, REASON_BYTES_READ).catch(() => ''), options);
  } catch (error) {
    return outcomeOfError(error, options, cut.signal);
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
}
