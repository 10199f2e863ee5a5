/**
 * The route template of a request, for labels: what the framework or the application named it, else a guess from the path. The guess
 * replaces what looks like an identifier and gives a bounded number of names, because paths come from strangers.
 */
import type { IncomingMessage } from 'node:http';

/** Shared by all copies of this package in a process. */
const ROUTE: unique symbol = Symbol.for('bellwether.route') as never;

interface Named {
  [ROUTE]?: string;
  /** Express leaves these on the request. */
  readonly route?: { readonly path?: unknown };
  readonly baseUrl?: unknown;
  readonly params?: unknown;
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
export function nameRoute(request: IncomingMessage, template: string): void {
  (request as IncomingMessage & Named)[ROUTE] = template.length > LONGEST_TEMPLATE ? template.slice(0, LONGEST_TEMPLATE) : template;
}

/** The template somebody gave the request, or Express found for it. */
export function givenRoute(request: IncomingMessage): string | undefined {
  const named = request as IncomingMessage & Named;
  const given = named[ROUTE];
  if (given !== undefined) return given;
  const path = named.route?.path;
  if (typeof path !== 'string') return undefined;
  if (typeof named.baseUrl !== 'string' || named.baseUrl === '') return path;
  return baseTemplate(named.baseUrl, named.params) + (path === '/' ? '' : path);
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
