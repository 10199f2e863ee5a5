import type { IncomingMessage, ServerResponse } from 'node:http';
import { MarketError } from '../market/market-error.ts';

/** One request as a handler sees it. `parameters` are those of the route's template. */
export interface Call {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body. @throws {MarketError} 400 or 413 */
  json(): Promise<unknown>;
  readonly remoteAddress: string;
}
/** Returns what is sent as JSON. A MarketError is answered with its status, anything else thrown with 500. */
export type Handler = (call: Call) => unknown;

interface Route {
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly handler: Handler;
}

const LARGEST_BODY_BYTES = 64 * 1024;

/** What Express leaves on a request, and what monitors therefore look for: the template its route was found by. */
type Routed = IncomingMessage & { route?: { readonly path: string } };

/** Finds the handler of a request and sends what it returns. Templates look like `/markets/:id`. */
export class Router {
  readonly #routes: Route[] = [];

  add(method: string, template: string, handler: Handler): void {
    const names = [...template.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
    const pattern = new RegExp(`^${template.replaceAll(/:\w+/g, '([^/]+)')}$`);
    this.#routes.push({ method, template, pattern, names, handler });
  }

  /** Resolves when the answer is sent. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://market');
      const { route, parameters } = this.#find(request.method ?? 'GET', url.pathname);
      (request as Routed).route = { path: route.template };
      const call: Call = {
        parameters,
        query: url.searchParams,
        json: () => readJson(request),
        remoteAddress: request.socket.remoteAddress ?? '',
      };
      send(response, 200, await route.handler(call));
    } catch (error) {
      const { status, code, message } =
        error instanceof MarketError ? error : { status: 500, code: 'internal', message: 'Something went wrong in the market.' };
      send(response, status, { error: code, message });
    }
  }

  #find(method: string, path: string): { readonly route: Route; readonly parameters: Record<string, string> } {
    const matching = this.#routes.filter((route) => route.pattern.test(path));
    const route = matching.find((candidate) => candidate.method === method);
    if (matching.length === 0) throw new MarketError(404, 'route_not_found', `There is nothing at ${path}.`);
    if (route === undefined) throw new MarketError(405, 'method_not_allowed', `${path} does not take ${method}.`);
    const values = route.pattern.exec(path)?.slice(1) ?? [];
    return { route, parameters: Object.fromEntries(route.names.map((name, i) => [name, values[i] ?? ''])) };
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) throw new MarketError(413, 'body_too_large', `A body may have ${LARGEST_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw new MarketError(400, 'json_invalid', 'The body is not JSON.');
  }
}
