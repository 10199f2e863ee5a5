/** The two that are compared, started as their users start them: a `bellwether serve` of the built packages, and Prometheus with Alertmanager. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tests/servers/server-program.ts';

const COMMAND = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../packages/server/dist/cli/bellwether.js');
const TOKEN = 'bench-token-0123456789-0123456789';

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kib ?? Number.NaN) * 1024;
}

/** Most that was resident so far, in bytes. */
export function peakBytes(pid: number): number {
  const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kib ?? Number.NaN) * 1024;
}

const CLOCK_TICKS_PER_SECOND = 100;

/** Processor time that a process has used, in ms. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_PER_SECOND;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** One request that a webhook was sent. */
export interface Message {
  readonly atMs: number;
  readonly text: string;
}

/** A webhook on a free port that takes everything. */
export class Webhook implements AsyncDisposable {
  readonly messages: Message[] = [];
  readonly #server: Server;

  static async open(): Promise<Webhook> {
    const hook = new Webhook();
    await new Promise<void>((resolve) => void hook.#server.listen(0, '127.0.0.1', resolve));
    return hook;
  }
  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        this.messages.push({ atMs: performance.now(), text: Buffer.concat(parts).toString('utf8') });
        response.end();
      });
    });
  }
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}

/** Asks until it holds; gives what was answered, `undefined` when it never held. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>, withinMs = 30_000): Promise<T | undefined> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(5);
  }
  return undefined;
}

/** A `bellwether serve` with a data folder of its own. */
export class Bellwether implements AsyncDisposable {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  static async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Bellwether> {
    const server = new Bellwether(await freePort(), args, env);
    await server.start();
    return server;
  }
  private constructor(port: number, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#args = args;
    this.#folder = mkdtempSync(path.join(tmpdir(), 'bench-alerts-'));
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      BELLWETHER_PORT: String(port),
      BELLWETHER_DATA_DIR: path.join(this.#folder, 'data'),
      BELLWETHER_TOKEN: TOKEN,
      BELLWETHER_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
      LOG_LEVEL: 'silent',
      ...env,
    };
  }

  get pid(): number {
    return this.#child?.pid ?? Number.NaN;
  }
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND, 'serve', ...this.#args], {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#child = child;
    const ready = await until(async () => ((await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok === true ? true : undefined));
    if (ready === undefined) throw new Error('the server did not become ready');
  }
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const over = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await over;
    this.#child = undefined;
  }
  fetch(route: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const isBytes = body instanceof Uint8Array;
    return fetch(`${this.url}${route}`, {
      ...(body === undefined ? {} : { method: 'POST', body: isBytes ? Buffer.from(body) : JSON.stringify(body) }),
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    });
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Posts alerts to `/api/v2/alerts` of either, 2,000 at once. */
export async function pushAlerts(send: (body: unknown) => Promise<Response>, alerts: readonly object[]): Promise<void> {
  for (let from = 0; from < alerts.length; from += 2000) {
    const answer = await send(alerts.slice(from, from + 2000));
    if (!answer.ok) throw new Error(`alerts were refused: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  }
}

export function postTo(url: string): (body: unknown) => Promise<Response> {
  return (body) =>
    fetch(`${url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}
