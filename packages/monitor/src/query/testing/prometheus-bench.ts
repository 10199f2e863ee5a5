import type { TestBench } from '../test-language/run-test-script.ts';
import type { NotatedSeries } from '../test-language/series-notation.ts';
import type { QueryResult } from '../query-engine.ts';
import { resultOf, type PrometheusReply } from './compare-answers.ts';
import { PrometheusOracle } from './prometheus-oracle.ts';
import { STALE, type WrittenSeries } from './write-to-prometheus.ts';

/** A real Prometheus as the bench of a test script; each `clear` starts another. */
export class PrometheusBench implements TestBench, AsyncDisposable {
  readonly #binary: string;
  #oracle: PrometheusOracle;

  private constructor(binary: string, oracle: PrometheusOracle) {
    this.#binary = binary;
    this.#oracle = oracle;
  }
  static async start(binary: string): Promise<PrometheusBench> {
    return new PrometheusBench(binary, await PrometheusOracle.start(binary));
  }

  async load(series: readonly NotatedSeries[], stepMs: number): Promise<void> {
    await this.#oracle.write(series.map((one) => written(one, stepMs)));
  }
  async clear(): Promise<void> {
    await this.#oracle[Symbol.asyncDispose]();
    this.#oracle = await PrometheusOracle.start(this.#binary);
  }
  async instant(query: string, atMs: number): Promise<QueryResult> {
    return await this.#ask('query', { query, time: String(atMs / 1000) });
  }
  async range(query: string, { fromMs, toMs, stepMs }: Parameters<TestBench['range']>[1]): Promise<QueryResult> {
    const [start, end, step] = [fromMs, toMs, stepMs].map((ms) => String(ms / 1000)) as [string, string, string];
    return await this.#ask('query_range', { query, start, end, step });
  }
  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<QueryResult> {
    const reply = await fetch(`${this.#oracle.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    return resultOf((await reply.json()) as PrometheusReply);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#oracle[Symbol.asyncDispose]();
  }
}

function written({ labels, values }: NotatedSeries, stepMs: number): WrittenSeries {
  const { __name__: name = '', ...rest } = labels;
  const samples = values.flatMap((value, i): (readonly [number, number | typeof STALE])[] =>
    value === undefined ? [] : [[i * stepMs, value === 'stale' ? STALE : value]],
  );
  return { name, labels: rest, samples };
}
