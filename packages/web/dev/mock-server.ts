/**
 * A server with the routes the page uses and nothing behind them, for work on the page and for its tests:
 * `node packages/web/dev/mock-server.ts [port]` after a build, then open the printed address. Not shipped.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { MockAlerting, type AlertingOptions } from './mock-alerting.ts';
import { alertsAt, frameAt } from './mock-frame.ts';
import { METRIC_NAMES, valueAt } from './mock-world.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../server/dist/web');
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};
const COOKIE = 'bellwether_session=mock';

export interface MockOptions extends AlertingOptions {
  /** Below which the page is mounted. @default '/' */
  readonly prefix?: string;
  readonly port?: number;
  /** Pause between frames of the stream, in ms. @default 1000 */
  readonly frameMs?: number;
  /** Only these metrics exist; all when absent. */
  readonly only?: readonly string[];
}

export const MOCK_TOKEN = 'mock-token-of-twenty-four-characters';

/** A running mock. `stop` also cuts open streams, as a killed server would. */
export interface MockServer {
  readonly url: string;
  /** Calls that change something, as `POST path body`, in order. */
  readonly changes: readonly string[];
  /** Streams open now. */
  viewers(): number;
  stop(): Promise<void>;
}

class Mock {
  readonly changes: string[] = [];
  viewers = 0;
  readonly #options: MockOptions;
  readonly #acknowledged = new Set<string>();
  readonly #alerting: MockAlerting;

  constructor(options: MockOptions) {
    this.#options = options;
    this.#alerting = new MockAlerting(options, nowMs());
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    const prefix = this.#options.prefix ?? '/';
    if (!url.pathname.startsWith(prefix)) return send(response, 404, {});
    const route = url.pathname.slice(prefix.length);
    if (!route.startsWith('api/')) return serveFile(response, route);
    const body = await bodyOf(request);
    if (request.method !== 'GET' && route !== 'api/v1/session') this.changes.push(`${request.method} ${route} ${body}`.trim());
    if (route === 'api/v1/session') return this.#session(request, response, body);
    if (request.headers.cookie?.includes(COOKIE) !== true) return refuse(response);
    if (route === 'api/v1/performance/stream') return this.#stream(response);
    if (this.#alertingAnswered(request.method ?? 'GET', { route, query: url.searchParams, body, response })) return;
    this.#data(route, url.searchParams, { body, response });
  }

  #session(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (request.method === 'DELETE') {
      response.setHeader('set-cookie', `${COOKIE}; Max-Age=0; Path=/`);
      return send(response, 200, { status: 'success' });
    }
    if ((JSON.parse(body || '{}') as { token?: string }).token !== MOCK_TOKEN) return refuse(response);
    response.setHeader('set-cookie', `${COOKIE}; HttpOnly; SameSite=Strict; Path=/`);
    send(response, 200, { status: 'success' });
  }

  #frame(): Record<string, unknown> {
    const frame = frameAt(nowMs(), this.#options, this.#acknowledged);
    const { only } = this.#options;
    if (only === undefined) return frame;
    const summary = Object.entries(frame['summary'] as object).filter(([name]) => only.includes(name));
    const cache = { ...(frame['cache'] as object), max_size: 0, entry_count: 0 };
    return { ...frame, summary: Object.fromEntries(summary), cache };
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const push = (): void => void response.write(`data: ${JSON.stringify(this.#frame())}\n\n`);
    push();
    const timer = setInterval(push, this.#options.frameMs ?? 1000);
    this.viewers++;
    response.on('close', () => {
      clearInterval(timer);
      this.viewers--;
    });
  }

  /** Answers the alerting routes; `false` when the route is another's. */
  #alertingAnswered(
    method: string,
    { route, query, body, response }: { route: string; query: URLSearchParams; body: string; response: ServerResponse },
  ): boolean {
    const base = 'api/v1/alerting/';
    if (!route.startsWith(base)) return false;
    const path = route.slice(base.length);
    const success = (answer: object): void =>
      send(response, 200, { status: 'success', timestamp: new Date(nowMs()).toISOString(), ...answer });
    const alertId = /^alerts\/(.+)\/ack$/.exec(path)?.[1] ?? /^acks\/(.+)$/.exec(path)?.[1];
    if (alertId !== undefined) {
      if (method === 'DELETE') this.#acknowledged.delete(alertId);
      else this.#acknowledged.add(alertId);
      success({});
      return true;
    }
    const alerts = alertsAt(nowMs(), this.#options, this.#acknowledged);
    const answer = this.#alerting.answer({ method, path, query, body, nowMs: nowMs(), alerts });
    if (answer === undefined) return false;
    if ('status' in answer) send(response, answer.status, { title: 'Refused', code: 'refused', ...answer });
    else success(answer);
    return true;
  }

  #data(route: string, query: URLSearchParams, { body, response }: { body: string; response: ServerResponse }): void {
    const frame = this.#frame();
    const success = (data: unknown): void => send(response, 200, { status: 'success', data, timestamp: frame['timestamp'] });
    const said = (message: string): void => send(response, 200, { status: 'success', message, timestamp: frame['timestamp'] });
    const tags = body === '' ? undefined : (JSON.parse(body) as { tags?: string[] }).tags;
    const answers: Readonly<Record<string, () => void>> = {
      'api/v1/performance/health': () => success(frame['health']),
      'api/v1/performance/metrics/summary': () => success({ ...(frame['summary'] as object), cache: frame['cache'] }),
      'api/v1/performance/alerts': () => success({ alerts: frame['alerts'] }),
      'api/v1/performance/recommendations': () => success({ recommendations: frame['recommendations'] }),
      'api/v1/performance/instances': () =>
        success({
          instances: [
            { instance: '', job: '' },
            { instance: '10.0.0.7:8000', job: 'opinion-market' },
          ],
        }),
      'api/v1/performance/cache/entries': () => success(entries(query)),
      'api/v1/performance/cache/cleanup': () => said('Removed 12 expired cache entries'),
      'api/v1/performance/cache/clear': () =>
        said(
          tags === undefined
            ? 'Cleared all cache entries'
            : `Cleared 150 cache entries with tags: [${tags.map((tag) => `'${tag}'`).join(', ')}]`,
        ),
      'api/v1/performance/thresholds': () =>
        success(this.#options.isBare === true ? {} : { cpu_usage: { warning: 55, critical: 90 }, error_rate: 5 }),
      'api/v1/query_range': () => success(this.#range(query)),
    };
    const answer = answers[route];
    if (answer === undefined) return send(response, 404, { title: 'Not found', status: 404, code: 'route_unknown' });
    answer();
  }

  #range(query: URLSearchParams): object {
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(query.get(name))) as [number, number, number];
    const expression = query.get('query') ?? '';
    const mean = /rate\((\w+)_sum/.exec(expression)?.[1] ?? /_over_time\(\(?(\w+)/.exec(expression)?.[1];
    const names = mean === undefined ? (/__name__=~"([^"]*)"/.exec(expression)?.[1]?.split('|') ?? []) : [mean];
    const known = names.filter((name) => METRIC_NAMES.includes(name) && this.#options.only?.includes(name) !== false);
    const result = known.map((name) => {
      const values: [number, string][] = [];
      for (let at = start; at <= end; at += step) values.push([at, String(valueAt(name, at, this.#options))]);
      return { metric: mean === undefined ? { __name__: name } : {}, values };
    });
    return { resultType: 'matrix', result };
  }
}

function entries(query: URLSearchParams): object {
  const all = Array.from({ length: 53 }, (_, index) => ({
    key: index % 3 === 0 ? `user:${1000 + index}` : `market:${400 + index}:book`,
    size_bytes: 640 + ((index * 377) % 9000),
    ttl_seconds: index % 7 === 0 ? null : 30 + index * 41,
    tags: index % 3 === 0 ? ['user', 'premium'] : ['market', `market/${400 + index}`],
  }));
  const tag = query.get('tag');
  const matching = all.filter(({ tags }) => tag === null || tags.includes(tag));
  const offset = Number(query.get('offset') ?? 0);
  return { entries: matching.slice(offset, offset + Number(query.get('limit') ?? 20)), total: matching.length };
}

const nowMs = (): number => new Date().getTime();

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse): void {
  send(response, 401, { title: 'Unauthorized', status: 401, code: 'token_invalid', detail: 'No valid session.' });
}

function serveFile(response: ServerResponse, route: string): void {
  const file = path.join(ROOT, path.normalize(`/${route === '' ? 'index.html' : route}`));
  if (!existsSync(file) || !statSync(file).isFile()) return send(response, 404, {});
  response.writeHead(200, {
    'content-type': TYPES[path.extname(file).slice(1)] ?? 'application/octet-stream',
    'content-security-policy': "default-src 'self'",
    'x-content-type-options': 'nosniff',
  });
  createReadStream(file).pipe(response);
}

/** Starts a mock on a free port (or the given one) of the loopback address. */
export async function startMock(options: MockOptions = {}): Promise<MockServer> {
  const mock = new Mock(options);
  const server: Server = createServer((request, response) => void mock.answer(request, response));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.prefix ?? '/'}`,
    changes: mock.changes,
    viewers: () => mock.viewers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMock({ port: Number(process.argv[2] ?? 8000) });
  process.stdout.write(`${url}#token=${MOCK_TOKEN}\n`);
}
