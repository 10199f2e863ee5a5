/**
 * The files of other packages that are made to hand over what they keep to themselves, and how. Only packages that tell what we need on no diagnostics
 * channel stand here. The text that is added cannot fail: what a version does not have is `undefined`, and measuring it is left out.
 */
import { LOADED_MODULES_KEY } from './loaded-modules.ts';

export interface HookedModule {
  /** What `onLoad` knows it by. */
  readonly name: string;
  /** The end of the file's path, from its package on. */
  readonly file: RegExp;
  /** Names in the file's scope, or expressions by name. */
  readonly bindings: Readonly<Record<string, string>>;
  /** A change inside of the text, where no binding will do. */
  readonly replace?: readonly [found: RegExp, by: string];
}

const inPackage = (path: string): RegExp => new RegExp(`[/\\\\]node_modules[/\\\\]${path}$`);

export const HOOKED_MODULES: readonly HookedModule[] = [
  { name: 'pg', file: inPackage(String.raw`pg/lib/client\.js`), bindings: { Client: 'Client' } },
  { name: 'pg-pool', file: inPackage(String.raw`pg-pool/index\.js`), bindings: { Pool: 'Pool' } },
  { name: 'mysql2-pool', file: inPackage(String.raw`mysql2/lib/base/pool\.js`), bindings: { Pool: 'BasePool' } },
  { name: 'mongodb', file: inPackage(String.raw`mongodb/lib/cmap/connection\.js`), bindings: { Connection: 'Connection' } },
  { name: 'better-sqlite3', file: inPackage(String.raw`better-sqlite3/lib/database\.js`), bindings: { Database: 'Database' } },
  { name: 'bullmq', file: inPackage(String.raw`bullmq/dist/(?:cjs|esm)/classes/worker\.js`), bindings: { Worker: 'Worker' } },
  { name: 'koa', file: inPackage(String.raw`koa/lib/application\.js`), bindings: { Application: 'module.exports' } },
  {
    name: 'hono',
    file: inPackage(String.raw`hono/dist/(?:cjs/)?hono-base\.js`),
    bindings: { listeners: 'bellwetherListeners' },
    // Hono keeps the matched routes from everybody but the handler, so it is asked where it finds them.
    replace: [
      /(const matchResult = this\.router\.match\(method, path\);)/,
      '$1 bellwetherListeners?.forEach((listener) => listener(env, matchResult));',
    ],
  },
];

/** The text of a module with the handing over added; the same text for a module that is not hooked. */
export function withHandOver(hooked: HookedModule, source: string): string {
  const { name, bindings, replace } = hooked;
  const given = Object.entries(bindings).map(([key, expression]) =>
    /^\w+$/.test(expression) ? `${key}: typeof ${expression} === 'undefined' ? undefined : ${expression}` : `${key}: ${expression}`,
  );
  const handOver = `\n;try { globalThis[Symbol.for('${LOADED_MODULES_KEY}')]?.hand('${name}', { ${given.join(', ')} }); } catch {}\n`;
  if (replace === undefined) return source + handOver;
  const [found, by] = replace;
  return found.test(source) ? `${source.replace(found, by)}\n;var bellwetherListeners = new Set();${handOver}` : source;
}
