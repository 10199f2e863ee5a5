import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../packages/server/dist/cli/bellwether.js');
export const TOKEN = 'contract-test-token-0123456789';

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => void probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Far beyond what a start takes, on a machine that does much else, too. */
const START_WITHIN_MS = 45_000;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `bellwether` process with its own data directory. `stop` ends it and removes the directory. */
export class ServerProcess {
  readonly port: number;
  readonly dataDir: string;
  readonly finished: Promise<Finished>;
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  private constructor(child: ChildProcess, place: { readonly port: number; readonly dataDir: string }) {
    this.child = child;
    this.port = place.port;
    this.dataDir = place.dataDir;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.finished = new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Starts without waiting for anything. The environment holds the given variables and PATH only. */
  static async launch(
    options: {
      readonly env?: Record<string, string>;
      readonly args?: readonly string[];
      readonly dataDir?: string;
      readonly port?: number;
      /** @default the Node that runs the tests */
      readonly node?: string;
    } = {},
  ): Promise<ServerProcess> {
    const port = options.port ?? (await freePort());
    const dataDir = options.dataDir ?? path.join(mkdtempSync(path.join(tmpdir(), 'bellwether-')), 'data');
    const env = {
      PATH: process.env['PATH'] ?? '',
      BELLWETHER_PORT: String(port),
      BELLWETHER_DATA_DIR: dataDir,
      BELLWETHER_TOKEN: TOKEN,
      PERFORMANCE_MONITORING_INTERVAL: '1',
      ...options.env,
    };
    const child = spawn(
      options.node ?? process.execPath,
      ['--disable-warning=ExperimentalWarning', COMMAND, 'serve', ...(options.args ?? [])],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return new ServerProcess(child, { port, dataDir });
  }

  /** Starts and waits until `/readyz` answers 200. */
  static async start(options: Parameters<typeof ServerProcess.launch>[0] = {}): Promise<ServerProcess> {
    const server = await ServerProcess.launch(options);
    const deadline = Date.now() + START_WITHIN_MS;
    while (Date.now() < deadline) {
      const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return server;
      if (server.child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server did not become ready\n${server.stdout}\n${server.stderr}`);
  }

  fetch(route: string, init: RequestInit = {}, token: string | undefined = TOKEN): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== undefined && token !== '') headers.set('authorization', `Bearer ${token}`);
    return fetch(`http://127.0.0.1:${this.port}${route}`, { ...init, headers });
  }

  async json(route: string, init: RequestInit = {}): Promise<{ readonly status: number; readonly body: any }> {
    const response = await this.fetch(route, init);
    return { status: response.status, body: await response.json() };
  }

  post(route: string, body?: unknown): Promise<{ readonly status: number; readonly body: any }> {
    return this.json(route, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }

  tokenFile(): string {
    return readFileSync(path.join(this.dataDir, 'token'), 'utf8').trim();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', keepData = false): Promise<Finished> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    const finished = await this.finished;
    if (!keepData) rmSync(path.dirname(this.dataDir), { recursive: true, force: true });
    return finished;
  }
}

/** Asks again until the answer satisfies, at most `withinMs`. Returns the last answer. */
export async function eventually<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  let answer = await ask();
  while (!satisfies(answer) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await ask();
  }
  return answer;
}
