/**
 * A program in its own process that is watched by `--import @bellwether/monitor/register` and nothing else; what was measured is read from the API its monitor
 * serves. The program tells its port by `process.send`, and `tell-api.mjs` that of the API: both are chosen by the system.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const FOLDER = import.meta.dirname;
const TOKEN = 'a-token-only-for-these-tests';
/** Waiting ends as soon as there is enough; this is for busy machines. */
const WITHIN_MS = 20_000;
const START_WITHIN_MS = 40_000;
const TELL_API = path.join(FOLDER, 'tell-api.mjs');

/** What the program and the monitor in it say of themselves. */
interface Told {
  readonly port?: number;
  readonly scheme?: string;
  readonly api?: string;
}

/** Whether the frameworks are installed; `npm test` does it. */
export const hasFrameworks: boolean = existsSync(path.join(FOLDER, 'node_modules', '.installed-from'));
if (!hasFrameworks) console.warn('SKIPPED: tests/frameworks is not installed (npm test does it): frameworks and drivers are not tested.');

export interface TraceSpan {
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: string;
  readonly failed: boolean;
}
export interface ToldTrace {
  readonly trace_id: string;
  readonly name: string;
  readonly spans: readonly TraceSpan[];
}

export class WatchedApp implements AsyncDisposable {
  readonly #child: ChildProcess;
  #api = '';
  readonly #output: string[] = [];
  url = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()));
  }

  /** @param file Under `apps/`, or a path. @throws Error with what it printed when it ends before it listens. */
  static async start(
    file: string,
    options: { readonly env?: Record<string, string>; readonly args?: readonly string[] } = {},
  ): Promise<WatchedApp> {
    const child = fork(path.resolve(FOLDER, 'apps', file), options.args ?? [], {
      cwd: FOLDER,
      silent: true,
      execArgv: [
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        '--import',
        '@bellwether/monitor/register',
        '--import',
        TELL_API,
      ],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'production',
        BELLWETHER_DATA_DIR: ':memory:',
        BELLWETHER_PORT: '0',
        BELLWETHER_TOKEN: TOKEN,
        BELLWETHER_TRACE_RATIO: '1',
        PERFORMANCE_MONITORING_INTERVAL: '1',
        ...options.env,
      },
    });
    const app = new WatchedApp(child);
    await app.#listens();
    return app;
  }

  get output(): string {
    return this.#output.join('');
  }

  /** Asks the program; gives the status. */
  async get(address: string, headers: Record<string, string> = {}): Promise<number> {
    const response = await fetch(this.url + address, { headers });
    await response.arrayBuffer();
    return response.status;
  }

  /** Values of a PromQL expression by the values of these labels, once `isEnough` says so. */
  async series(
    expression: string,
    labels: readonly string[],
    isEnough: (found: Readonly<Record<string, number>>) => boolean,
  ): Promise<Record<string, number>> {
    return await this.#until(isEnough, async () => {
      const { data } = (await this.#ask(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return Object.fromEntries(
        data.result.map(({ metric, value }) => [labels.map((label) => metric[label] ?? '').join(' '), Number(value[1])]),
      );
    });
  }

  async traces(isEnough: (found: readonly ToldTrace[]) => boolean): Promise<readonly ToldTrace[]> {
    return await this.#until(isEnough, async () => {
      const { data } = (await this.#ask('/api/v1/performance/traces?limit=50')) as { data: { traces: ToldTrace[] } };
      return data.traces;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #listens(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#child.on('message', ({ port, scheme = 'http', api }: Told) => {
      if (port !== undefined) this.url = `${scheme}://127.0.0.1:${port}`;
      if (api !== undefined) this.#api = api;
      if (this.url !== '' && this.#api !== '') resolve();
    });
    this.#child.once('exit', () => reject(new Error(`the program ended: ${this.output}`)));
    const late = setTimeout(() => reject(new Error(`no address within ${START_WITHIN_MS} ms: ${this.output}`)), START_WITHIN_MS);
    await promise.finally(() => clearTimeout(late));
  }

  async #ask(address: string): Promise<unknown> {
    const response = await fetch(this.#api + address, { headers: { authorization: `Bearer ${TOKEN}` } });
    if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** The last answer, also when it never was enough: then the test says what is missing. */
  async #until<T>(isEnough: (found: T) => boolean, ask: () => Promise<T>): Promise<T> {
    const deadlineMs = Date.now() + WITHIN_MS;
    for (;;) {
      const found = await ask();
      if (isEnough(found) || Date.now() > deadlineMs) return found;
      await sleep(200);
    }
  }
}
