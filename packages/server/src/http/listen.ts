import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { BellwetherError, messageOf, type Clock } from '@bellwether/monitor/engine';
import type { App } from './app.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  /** Longest wait for requests under way when closing, in ms. @default 1,500 */
  readonly closeWithinMs?: number;
}

export interface Listening {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, lets requests under way finish for a while, then cuts the rest. */
  close(): Promise<void>;
}

/** A request that has not arrived whole after this long is cut off: slow senders hold no connections. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const CHECK_MS = 5000;
const CLOSE_MS = 1500;

function failure(error: NodeJS.ErrnoException, { host, port }: ListenOptions): BellwetherError {
  const details = { host, port };
  if (error.code === 'EADDRINUSE')
    return new BellwetherError(
      'config_invalid',
      `Port ${port} on ${host} is in use by another program; choose another with BELLWETHER_PORT or --port`,
      {
        details,
      },
    );
  if (error.code === 'EACCES')
    return new BellwetherError('config_invalid', `Port ${port} needs more rights; choose one above 1023 with BELLWETHER_PORT or --port`, {
      details,
    });
  return new BellwetherError('config_invalid', `Cannot listen on ${host}:${port}: ${messageOf(error)}`, { details, cause: error });
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(failure(error, options));
    server.once('error', fail);
    server.listen(options.port, options.host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${port}`;
}

async function closeServer(server: Server, { clock, closeWithinMs = CLOSE_MS }: ListenOptions): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  using _timer = clock.schedule(closeWithinMs, () => server.closeAllConnections());
  await closed;
}

/**
 * Serves an app on a socket.
 * @throws BellwetherError `config_invalid` when the address cannot be had: one line that says why.
 */
export async function listen(app: App, options: ListenOptions): Promise<Listening> {
  const listener = getRequestListener((request, bindings) => app.handle(request, bindings.incoming.socket.remoteAddress ?? ''), {
    overrideGlobalObjects: false,
  });
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: CHECK_MS },
    (request, response) => void listener(request, response),
  );
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(options.host, port),
    port,
    close: () => {
      app[Symbol.dispose]();
      return (closing ??= closeServer(server, options));
    },
  };
}
