import { execFileSync } from 'node:child_process';
import { startPrometheus, type TestServer } from '../../../../../tests/servers/servers.ts';
import type { Answer } from './compare-answers.ts';
import { answerOf } from './compare-answers.ts';
import { writeToPrometheus, type WrittenSeries } from './write-to-prometheus.ts';

/**
 * The program of a Prometheus of one major version, `undefined` when there is none. Version 3 is taken from BELLWETHER_PROMETHEUS, as Debian
 * stable has none; any version from the path.
 */
export function findPrometheus(major: 2 | 3): string | undefined {
  return [process.env['BELLWETHER_PROMETHEUS'], 'prometheus'].find((binary) => {
    if (binary === undefined || binary === '') return false;
    try {
      const version = execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      return new RegExp(`version ${major}\\.`).test(version);
    } catch {
      return false;
    }
  });
}

/** Samples of any age in any order. */
const CONFIGURATION = 'global: {scrape_interval: 15s}\nstorage: {tsdb: {out_of_order_time_window: 100y}}\n';

/** A real Prometheus that tells what is right. */
export class PrometheusOracle implements AsyncDisposable {
  readonly #server: TestServer;

  private constructor(server: TestServer) {
    this.#server = server;
  }
  static async start(binary: string): Promise<PrometheusOracle> {
    return new PrometheusOracle(await startPrometheus(binary, CONFIGURATION));
  }

  get url(): string {
    return this.#server.url;
  }
  async write(series: readonly WrittenSeries[]): Promise<void> {
    await writeToPrometheus(this.url, series);
  }
  async instant(query: string, atMs: number): Promise<Answer> {
    return await this.#ask('query', { query, time: String(atMs / 1000) });
  }
  async range(query: string, times: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number }): Promise<Answer> {
    const seconds = { start: times.fromMs, end: times.toMs, step: times.stepMs };
    return await this.#ask('query_range', {
      query,
      ...Object.fromEntries(Object.entries(seconds).map(([name, ms]) => [name, String(ms / 1000)])),
    });
  }
  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
    const reply = await fetch(`${this.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    return answerOf((await reply.json()) as Parameters<typeof answerOf>[0]);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
