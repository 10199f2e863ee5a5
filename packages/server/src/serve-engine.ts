import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BellwetherError, randomIds, type Engine, type Logger } from '@bellwether/monitor/engine';
import { AuditLog } from './audit/audit-log.ts';
import { Auth } from './auth/auth.ts';
import { firstTokenFile } from './auth/first-token.ts';
import type { TokenStore } from './auth/token-store.ts';
import { createApp, type App } from './http/app.ts';
import { isLoopback, listen } from './http/listen.ts';
import type { Limits } from './limits.ts';

export interface HandlerOptions {
  readonly log: Logger;
  /** Folder where the first token waits until it is used; with `:memory:` the token is told in the notice alone. */
  readonly dataDir: string;
  /** Administrator token from outside, at least 24 characters. @default one is made when there is none */
  readonly token?: string | undefined;
  /** Folder of the page's build. @default the one in this package */
  readonly webRoot?: string | undefined;
  readonly limits?: Limits;
  /** Reads configuration files again. @default nothing to read */
  readonly reload?: () => Promise<void>;
}

export interface ServeOptions extends HandlerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ServedEngine {
  /** Without a slash at its end. */
  readonly url: string;
  /** Lines for people about the first token, if there is anything to tell. */
  readonly tokenNotice: string | undefined;
  /** The tokens that open it. */
  readonly tokens: TokenStore;
  /** Ends live views and connections within 2 s. The engine goes on. */
  close(): Promise<void>;
}

/** The page as built beside this file, whether this runs from `src` or `dist`. */
function builtPage(): string | undefined {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return [path.join(here, 'web'), path.join(here, '../dist/web')].find((folder) => existsSync(path.join(folder, 'index.html')));
}

/** What is needed beyond the options to put an app together. */
interface Placement {
  readonly base?: string;
  readonly allowedHosts?: readonly string[] | undefined;
}

/** The API of an engine as one function, and who may use it. */
export async function openApp(
  engine: Engine,
  options: HandlerOptions,
  placement: Placement = {},
): Promise<{ readonly app: App; readonly tokenNotice: string | undefined; readonly tokens: TokenStore }> {
  const { clock, state } = engine;
  const { log, dataDir, token, limits, reload } = options;
  const tokenFile = dataDir === ':memory:' ? undefined : firstTokenFile(path.resolve(dataDir));
  const auth = await Auth.open({ state, clock, ids: randomIds, givenToken: token, tokenFile });
  const app = createApp({
    engine,
    auth,
    audit: new AuditLog({ state, clock, ids: randomIds, log }),
    log,
    webRoot: options.webRoot ?? builtPage(),
    ...placement,
    ...(limits === undefined ? {} : { limits }),
    ...(reload === undefined ? {} : { reload }),
  });
  return { app, tokenNotice: auth.notice, tokens: auth.tokens };
}

/**
 * Serves an engine's API and page on an address of its own. Beyond loopback it asks for a token from outside: one that was only printed
 * on some terminal must not guard a network's door.
 * @throws BellwetherError `config_invalid`: one line that says what is wrong with the address or the token.
 */
export async function serveEngine(engine: Engine, options: ServeOptions): Promise<ServedEngine> {
  const { host, port, token } = options;
  const isLocal = isLoopback(host);
  if (!isLocal && token === undefined) {
    throw new BellwetherError(
      'config_invalid',
      `BELLWETHER_HOST=${host} can be reached from other machines: set BELLWETHER_TOKEN (at least 24 characters) or listen on 127.0.0.1`,
      { details: { host } },
    );
  }
  const { app, tokenNotice, tokens } = await openApp(engine, options, { allowedHosts: isLocal ? [host] : undefined });
  const listening = await listen(app, { host, port, clock: engine.clock });
  return { url: listening.url, tokenNotice, tokens, close: () => listening.close() };
}
