/**
 * The route template of a request, for labels: what the framework or the application named it, else a guess from the path. The guess
 * replaces what looks like an identifier and gives a bounded number of names, because paths come from strangers.
 */
import type { IncomingMessage } from 'node:http';

/** Shared by all copies of this package in a process. */
const ROUTE: unique symbol = Symbol.for('bellwether.route') as never;
/** Where Next.js leaves what it knows of a request. */
const NEXT_META: unique symbol = Symbol.for('NextInternalRequestMeta') as never;

interface Named {
  [ROUTE]?: string | (() => string | undefined);
  /** Express leaves these on the request. */
  readonly route?: { readonly path?: unknown };
  readonly baseUrl?: unknown;
  readonly params?: unknown;
  /** What an HTTP/2 request stands for. */
  readonly stream?: object;
  readonly [NEXT_META]?: { readonly match?: { readonly definition?: { readonly pathname?: unknown } } | null };
}

const MOST_SEGMENTS = 8;
const LONGEST_SEGMENT = 60;
const LONGEST_TEMPLATE = 200;
const REMEMBERED_PATHS = 2000;

/** Route of what exceeds the limit of guessed names. */
export const OTHER_ROUTES = '(other)';
/** Route of unnamed requests that were answered with 404: their paths mean nothing. */
export const UNMATCHED_ROUTE = '(unmatched)';

/** Names the route of a request: the one line an adapter for a framework needs. The template should hold no identifiers: `/orders/:id`. */
export function nameRoute(request: object, template: string): void {
  targetOf(request)[ROUTE] = template.length > LONGEST_TEMPLATE ? template.slice(0, LONGEST_TEMPLATE) : template;
}

/** Like `nameRoute`, for frameworks that know the template only later: `read` is asked when the request is over. */
export function nameRouteLater(request: object, read: () => string | undefined): void {
  targetOf(request)[ROUTE] = read;
}

/** An HTTP/2 request stands for its stream, which is what the measurement sees. */
function targetOf(request: object): Named {
  const { stream } = request as Named;
  return stream !== undefined && 'sentHeaders' in stream ? (stream as Named) : request;
}

/** What `nameRoute` called a request or an HTTP/2 stream. */
export function namedRoute(target: object): string | undefined {
  const given = (target as Named)[ROUTE];
  return typeof given === 'function' ? given()?.slice(0, LONGEST_TEMPLATE) : given;
}

/** The template somebody gave the request, or Express or Next.js found for it. */
export function givenRoute(request: IncomingMessage): string | undefined {
  const named = request as IncomingMessage & Named;
  const given = namedRoute(named);
  if (given !== undefined) return given;
  const path = named.route?.path;
  if (typeof path !== 'string') return nextRoute(named);
  if (typeof named.baseUrl !== 'string' || named.baseUrl === '') return path;
  return baseTemplate(named.baseUrl, named.params) + (path === '/' ? '' : path);
}

/** A page or a route handler of Next.js: `/orders/[id]`. */
function nextRoute(named: Named): string | undefined {
  const pathname = named[NEXT_META]?.match?.definition?.pathname;
  return typeof pathname === 'string' && pathname !== '' && pathname !== '/_not-found' ? pathname : undefined;
}

/** Express tells where a router is mounted with the values of this request: those it knows the names of get them back, the rest is guessed. */
function baseTemplate(baseUrl: string, params: unknown): string {
  const names = new Map(Object.entries(params ?? {}).map(([name, value]) => [String(value), `:${name}`]));
  const segments = baseUrl.split('/').filter((segment) => segment !== '');
  return segments.map((segment) => `/${names.get(segment) ?? (isIdentifier(segment) ? ':id' : segment)}`).join('');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LONG_HEX = /^[0-9a-f]{12,}$/i;
const VERSION = /^v\d{1,3}$/i;

/** Whether a segment of a path looks like an identifier: a number, a UUID, hexadecimal, or a word with three digits or more. */
function isIdentifier(segment: string): boolean {
  if (VERSION.test(segment)) return false;
  if (/^\d+$/.test(segment) || UUID.test(segment) || LONG_HEX.test(segment) || segment.length > LONGEST_SEGMENT) return true;
  const digits = segment.replaceAll(/\D/g, '').length;
  return digits >= 3 || /[^\w.~-]/.test(segment) || (digits > 0 && digits * 2 >= segment.length);
}

/** A path with identifiers replaced by `:id`, without query. */
export function guessTemplate(url: string): string {
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  const segments = path.split('/').filter((segment) => segment !== '');
  const shown = segments.slice(0, MOST_SEGMENTS).map((segment) => (isIdentifier(segment) ? ':id' : segment));
  return `/${shown.join('/')}${segments.length > MOST_SEGMENTS ? '/…' : ''}`;
}

/** Guesses templates, at most `maxRoutes` different ones; paths seen lately are looked up. */
export class RouteGuesser {
  readonly #maxRoutes: number;
  readonly #templates = new Set<string>();
  readonly #byPath = new Map<string, string>();

  constructor(maxRoutes = 200) {
    this.#maxRoutes = maxRoutes;
  }

  guess(url: string): string {
    const known = this.#byPath.get(url);
    if (known !== undefined) return known;
    let template = guessTemplate(url.length > 2048 ? url.slice(0, 2048) : url);
    if (!this.#templates.has(template)) {
      if (this.#templates.size < this.#maxRoutes) this.#templates.add(template);
      else template = OTHER_ROUTES;
    }
    if (this.#byPath.size >= REMEMBERED_PATHS) this.#byPath.clear();
    if (url.length <= 256) this.#byPath.set(url, template);
    return template;
  }
}
