import type { Engine, Logger } from '@bellwether/monitor/engine';
import type { z } from 'zod';
import type { Scope } from '../api-types.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Auth } from '../auth/auth.ts';
import type { Caller } from '../auth/caller.ts';
import type { RemoteWriteDecoder } from '../ingest/remote-write.ts';
import type { SeriesMemory } from '../ingest/series-memory.ts';
import type { ResolvedLimits } from '../limits.ts';
import type { JsonBounds } from './json-bounds.ts';
import type { LiveStream } from './live-stream.ts';

/** What every route can reach. */
export interface ApiContext {
  readonly engine: Engine;
  readonly auth: Auth;
  readonly audit: AuditLog;
  readonly log: Logger;
  readonly limits: ResolvedLimits;
  readonly live: LiveStream;
  readonly seriesMemory: SeriesMemory;
  readonly remoteWrite: RemoteWriteDecoder;
  readonly version: string;
  /** Path below which the API is mounted, without a slash at its end; empty at the root. */
  readonly base: string;
  /** Reads configuration files again. */
  readonly reload: () => Promise<void>;
}

export interface RouteRequest<Query, Params, Body> {
  readonly query: Query;
  readonly params: Params;
  readonly body: Body;
  readonly caller: Caller;
  readonly raw: Request;
  /** The peer's address, empty when unknown. */
  readonly address: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * How a route takes its body. `json`: the schema `body`. `form`: fields of a form body join those of the address, as Prometheus's
 * clients send them. `bytes`: the handler reads `raw` itself.
 */
export type BodyKind = 'json' | 'form' | 'bytes';

export interface RouteSpec<Query, Params, Body> {
  readonly method: Method;
  /** `:name` marks a parameter. */
  readonly path: string;
  /** Chapter of the documentation. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Scope a token needs; `public` needs none. */
  readonly scope: Scope | 'public';
  readonly query?: z.ZodType<Query>;
  readonly params?: z.ZodType<Params>;
  /** Schema of a JSON body. Without a body the schema sees `undefined`. */
  readonly body?: z.ZodType<Body>;
  /** @default 'json' when there is a `body` schema */
  readonly bodyKind?: BodyKind;
  /** For routes whose JSON body may be as large as those of routes that take samples: what it may hold. @default the bound of the API's own bodies */
  readonly largeBody?: JsonBounds;
  /** Parameters that are not known are ignored, as the ecosystem's own servers do. @default false */
  readonly lenient?: boolean;
  /** Schema of `data`, for the documentation and the tests. A handler that gives a string answers with a `message` instead. */
  readonly answer?: z.ZodType;
  /** Status of a success. @default 200 */
  readonly successStatus?: number;
  /** Name of the change in the audit log; routes without one change nothing. */
  readonly audit?: string;
  /** How errors are told. @default 'problem' */
  readonly errors?: 'problem' | 'prometheus';
  /** @returns `data`, a sentence, or a whole `Response`, or a promise of one. @throws ApiProblem | BellwetherError */
  readonly handle: (request: RouteRequest<Query, Params, Body>, context: ApiContext) => unknown;
}

/** A route with its types forgotten: validation vouches for them. */
export type Route = RouteSpec<unknown, unknown, unknown>;

/** Ties a handler to the schemas of what it is given. */
export function route<Query = unknown, Params = unknown, Body = unknown>(spec: RouteSpec<Query, Params, Body>): Route {
  return spec as unknown as Route;
}
