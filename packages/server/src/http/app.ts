import type { Engine, Logger } from '@bellwether/monitor/engine';
import { Hono } from 'hono';
import type { Auth } from '../auth/auth.ts';
import type { Caller } from '../auth/caller.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { RemoteWriteDecoder } from '../ingest/remote-write.ts';
import { SeriesMemory } from '../ingest/series-memory.ts';
import { resolveLimits, type Limits } from '../limits.ts';
import { authenticate, requireOwnOrigin, requireScope } from './authenticate.ts';
import { LiveStream } from './live-stream.ts';
import { ApiProblem, problemResponse, toProblem } from './problem.ts';
import { prometheusFailure } from './prometheus/answer.ts';
import { RateLimits } from './rate-limits.ts';
import { mediaType, readDecodedBytes, readJson } from './read-body.ts';
import type { ApiContext, Route } from './route.ts';
import { allRoutes } from './routes.ts';
import { StaticPage } from './static-page.ts';
import { validate } from './validate.ts';

export interface AppOptions {
  readonly engine: Engine;
  readonly auth: Auth;
  readonly audit: AuditLog;
  readonly log: Logger;
  readonly limits?: Limits;
  /** Folder of the page's build; without it there is no page. */
  readonly webRoot?: string | undefined;
  /** Path below which the API is mounted. @default '' */
  readonly base?: string;
  /** Host names a request may name, beside any IP address and localhost; `undefined` allows all. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly reload?: () => Promise<void>;
}

/** The whole HTTP face of an engine as one function from request to response: mounted anywhere, tested without sockets. */
export interface App extends Disposable {
  /** @param address the peer's, for rate limits and the audit log. */
  handle(request: Request, address?: string): Promise<Response>;
}

/** Sent with every answer that does not bring its own. */
const DEFAULT_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

interface Bindings {
  readonly address: string;
}

export function createApp(options: AppOptions): App {
  const limits = resolveLimits(options.limits);
  const { engine, auth, audit, log, base = '' } = options;
  const live = new LiveStream({ engine, log, mostViewers: limits.liveViewers });
  const context: ApiContext = {
    engine,
    auth,
    audit,
    log,
    limits,
    live,
    seriesMemory: new SeriesMemory(),
    remoteWrite: new RemoteWriteDecoder(engine.store),
    version: engine.version,
    base,
    reload: options.reload ?? (async () => {}),
  };
  const pipeline = new Pipeline(context);
  const page = new StaticPage(options.webRoot);
  const router = new Hono<{ Bindings: Bindings }>();
  for (const [path, routes] of Map.groupBy(allRoutes(), (route) => route.path)) {
    for (const route of routes) {
      router.on(route.method, path, (c) => pipeline.answer(route, { request: c.req.raw, params: c.req.param(), address: c.env.address }));
    }
    const allowed = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    router.all(path, (c) => {
      const problem = new ApiProblem('method_not_allowed', `${c.req.method} is not possible here; use ${allowed}.`, {
        headers: { allow: allowed },
      });
      return problemResponse(problem, base);
    });
  }
  router.get(
    '*',
    (c) =>
      page.answer(c.req.path, c.req.header('accept-encoding')) ??
      problemResponse(new ApiProblem('route_unknown', `There is nothing at ${c.req.path.slice(0, 200)}.`), base),
  );
  router.notFound((c) => problemResponse(new ApiProblem('route_unknown', `There is nothing at ${c.req.path.slice(0, 200)}.`), base));
  router.onError((error) => problemResponse(toProblem(error), base));
  return {
    handle: async (request, address = '') => {
      const refused = hostProblem(request, options.allowedHosts);
      const response = refused === undefined ? await router.fetch(request, { address }) : problemResponse(refused, base);
      for (const [name, value] of Object.entries(DEFAULT_HEADERS)) if (!response.headers.has(name)) response.headers.set(name, value);
      return response;
    },
    [Symbol.dispose]: () => live[Symbol.dispose](),
  };
}

const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[[0-9a-f:]+\]|\d{1,3}(\.\d{1,3}){3})(:\d+)?$/i;

/** A page of another site can make its own name point to this server (DNS rebinding); its requests still carry that name. */
function hostProblem(request: Request, allowedHosts: readonly string[] | undefined): ApiProblem | undefined {
  if (allowedHosts === undefined) return undefined;
  const host = request.headers.get('host') ?? new URL(request.url).host;
  if (LOCAL_HOST.test(host) || allowedHosts.includes(host.replace(/:\d+$/, ''))) return undefined;
  return new ApiProblem('host_refused', `The host name ${host.slice(0, 100)} is not this server's.`);
}

interface Arrival {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly address: string;
}

/** What every request goes through: who, how often, what, then the handler, then the audit log. */
class Pipeline {
  readonly #context: ApiContext;
  readonly #rates: RateLimits;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#rates = new RateLimits(context.limits);
  }

  async answer(route: Route, arrival: Arrival): Promise<Response> {
    let caller: Caller | undefined;
    try {
      caller = await this.#identify(route, arrival);
      this.#permit(route, arrival.request, caller);
      const response = await this.#run(route, arrival, caller);
      if (route.audit !== undefined) await this.#record(route, arrival, { caller, outcome: 'done' });
      return response;
    } catch (error) {
      return await this.#failed(route, arrival, { caller, error });
    }
  }

  async #identify(route: Route, { request, address }: Arrival): Promise<Caller> {
    if (route.scope === 'public') return { tokenId: '', name: address, scope: 'read', via: 'bearer' };
    const caller = await authenticate(request, this.#context.auth);
    await (route.scope === 'ingest' ? this.#rates.push(caller.tokenId) : this.#rates.request(caller.tokenId));
    return caller;
  }

  #permit(route: Route, request: Request, caller: Caller): void {
    if (route.scope === 'public') return;
    requireScope(caller, route.scope);
    requireOwnOrigin(request, caller);
  }

  async #run(route: Route, { request, params, address }: Arrival, caller: Caller): Promise<Response> {
    const { search, body } = await this.#inputs(route, request);
    const handled = await route.handle(
      {
        query: route.query === undefined ? search : validate(route.query, search, 'parameter'),
        params: route.params === undefined ? params : validate(route.params, params, 'parameter'),
        body: route.body === undefined ? undefined : validate(route.body, body, 'body'),
        caller,
        raw: request,
        address,
      },
      this.#context,
    );
    return handled instanceof Response ? handled : this.#success(route, handled);
  }

  async #inputs(route: Route, request: Request): Promise<{ readonly search: unknown; readonly body: unknown }> {
    const parameters = new URL(request.url).searchParams;
    const kind = route.bodyKind ?? (route.body === undefined ? undefined : 'json');
    if (kind === 'form' && request.method === 'POST') {
      if (mediaType(request) !== 'application/x-www-form-urlencoded')
        throw new ApiProblem('media_type_unsupported', 'Send the fields as a form body.');
      const text = new TextDecoder().decode(await readDecodedBytes(request, this.#context.limits.bodyBytes));
      for (const [name, value] of new URLSearchParams(text)) parameters.append(name, value);
    }
    const { bodyBytes, ingestBodyBytes } = this.#context.limits;
    const bytes = route.largeBody === undefined ? bodyBytes : ingestBodyBytes;
    const body = kind === 'json' ? await readJson(request, bytes, route.largeBody) : undefined;
    return { search: searchOf(parameters), body };
  }

  #success(route: Route, handled: unknown): Response {
    const timestamp = new Date(this.#context.engine.clock.nowMs()).toISOString();
    const body =
      typeof handled === 'string' ? { status: 'success', message: handled, timestamp } : { status: 'success', data: handled, timestamp };
    return Response.json(body, { status: route.successStatus ?? 200 });
  }

  async #failed(
    route: Route,
    arrival: Arrival,
    failure: { readonly caller: Caller | undefined; readonly error: unknown },
  ): Promise<Response> {
    const problem = await this.#judge(toProblem(failure.error), arrival);
    const { code } = problem;
    if (code === 'internal_error') this.#context.log.error({ error: failure.error, route: route.path }, 'A request failed unexpectedly');
    const isRefusal = problem.status === 401 || problem.status === 403 || problem.status === 429;
    if (isRefusal || route.audit !== undefined) await this.#record(route, arrival, { caller: failure.caller, outcome: code, isRefusal });
    return route.errors === 'prometheus' ? prometheusFailure(problem, this.#context.base) : problemResponse(problem, this.#context.base);
  }

  /** Wrong tokens are counted wherever they are given; too many from one address are told to wait. */
  async #judge(problem: ApiProblem, { address }: Arrival): Promise<ApiProblem> {
    if (problem.code !== 'token_invalid') return problem;
    try {
      await this.#rates.failure(address);
      return problem;
    } catch (error) {
      return toProblem(error);
    }
  }

  async #record(
    route: Route,
    { address, params }: Arrival,
    what: { readonly caller: Caller | undefined; readonly outcome: string; readonly isRefusal?: boolean },
  ): Promise<void> {
    const event = {
      actor: what.caller?.name ?? address,
      action: route.audit ?? `${route.method} ${route.path}`,
      outcome: what.outcome,
      detail: { address, ...params },
    };
    await (what.isRefusal === true ? this.#context.audit.refuse(event) : this.#context.audit.record(event));
  }
}

/** Parameters as an object; one that is given several times, or whose name ends in `[]`, is a list. */
function searchOf(parameters: URLSearchParams): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    search[name] = values.length === 1 && !name.endsWith('[]') ? (values[0] as string) : values;
  }
  return search;
}
