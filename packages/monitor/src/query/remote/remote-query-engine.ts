import type { Clock } from '../../base/clock.ts';
import { BellwetherError, type ErrorCode } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricKind, MetricMeta } from '../../model/metric.ts';
import type { Selector } from '../../store/sample-store.ts';
import { RemoteFailure, type RemoteAnswer, type RemoteTarget } from '../../store/remote/remote-target.ts';
import { DEFAULT_QUERY_LIMITS } from '../context/query-budget.ts';
import { typeOf } from '../parse/check-types.ts';
import { formatExpression } from '../parse/format.ts';
import { parseExpression, parseSelectorText } from '../parse/parse.ts';
import { queryInvalid } from '../parse/query-error.ts';
import type { QueryEngine, QueryOptions, QueryResult } from '../query-engine.ts';
import { envelopeOf, queryResultOf, type Envelope } from './remote-answer.ts';

export interface RemoteQueryOptions {
  readonly target: RemoteTarget;
  readonly clock: Clock;
  /** What is known here of metrics; wins over what the other engine says, which often knows nothing. */
  readonly metadata: () => ReadonlyMap<string, MetricMeta>;
  /** A longer answer is refused. @default 32 MiB */
  readonly mostBytes?: number;
}

const METADATA_KEPT_MS = 60_000;
const FAILURES: Readonly<Record<RemoteFailure['reason'], ErrorCode>> = {
  unreachable: 'store_unavailable',
  timeout: 'query_timeout',
  too_large: 'query_too_large',
  aborted: 'query_canceled',
};
/** Keeps VictoriaMetrics from moving the times it is asked for; others do not know it. */
const EXACT = ['nocache', '1'] as const;

type Parameters = readonly (readonly [string, string])[];

/** PromQL as another engine answers it, over Prometheus's HTTP API: with that engine's semantics, its limits and its warnings. */
export class RemoteQueryEngine implements QueryEngine {
  readonly #target: RemoteTarget;
  readonly #clock: Clock;
  readonly #localMetadata: RemoteQueryOptions['metadata'];
  readonly #mostBytes: number;
  #metadata: { readonly byName: ReadonlyMap<string, MetricMeta>; readonly atMs: number } | undefined;

  constructor({ target, clock, metadata, mostBytes = 32 * 1024 * 1024 }: RemoteQueryOptions) {
    this.#target = target;
    this.#clock = clock;
    this.#localMetadata = metadata;
    this.#mostBytes = mostBytes;
  }

  async instant(expression: string, atMs: number, options: QueryOptions = {}): Promise<QueryResult> {
    const result = queryResultOf(
      await this.#ask(
        'query',
        [
          ['query', expression],
          ['time', secondsOf(atMs)],
        ],
        options,
      ),
    );
    const [only, ...more] = result.value.type === 'vector' ? result.value.samples : [];
    // VictoriaMetrics knows no scalars.
    const isScalar = only !== undefined && more.length === 0 && Object.keys(only.labels).length === 0 && isScalarExpression(expression);
    return isScalar ? { ...result, value: { type: 'scalar', atMs: only.atMs, value: only.value } } : result;
  }

  async range(
    expression: string,
    { fromMs, toMs, stepMs }: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
    options: QueryOptions = {},
  ): Promise<QueryResult> {
    if (!(stepMs > 0)) throw queryInvalid('The step must be longer than 0', 0);
    if (!(toMs >= fromMs)) throw queryInvalid('The end must not be before the start', 0);
    if ((toMs - fromMs) / stepMs + 1 > DEFAULT_QUERY_LIMITS.maxSteps)
      throw new BellwetherError('query_too_large', `The range has more than ${DEFAULT_QUERY_LIMITS.maxSteps} steps`, {
        hint: 'Choose a longer step.',
      });
    const times = [
      ['start', secondsOf(fromMs)],
      ['end', secondsOf(toMs)],
      ['step', secondsOf(stepMs)],
    ] as const;
    return queryResultOf(await this.#ask('query_range', [['query', expression], ...times], options));
  }

  async series(selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly Labels[]> {
    const matches = selectors.length === 0 ? [[{ label: '__name__', op: '=~', value: '.+' }] as const] : selectors;
    return (await this.#ask('series', windowOf(matches, fromMs, toMs))).data as readonly Labels[];
  }

  async labelNames(selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly string[]> {
    const names = (await this.#ask('labels', windowOf(selectors, fromMs, toMs))).data as readonly string[];
    return [...new Set(['__name__', ...names])].toSorted();
  }

  async labelValues(label: string, selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly string[]> {
    const values = (await this.#ask(`label/${encodeURIComponent(label)}/values`, windowOf(selectors, fromMs, toMs)))
      .data as readonly string[];
    return values.toSorted();
  }

  /** Asked of the other engine once a minute. One that does not answer this does not matter. */
  async metadata(): Promise<ReadonlyMap<string, MetricMeta>> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#metadata === undefined || nowMs - this.#metadata.atMs > METADATA_KEPT_MS)
      this.#metadata = { atMs: nowMs, byName: await this.#ask('metadata', []).then(metadataOf, () => new Map<string, MetricMeta>()) };
    return new Map([...this.#metadata.byName, ...this.#localMetadata()]);
  }

  parseSelector(text: string): Selector {
    return parseSelectorText(text);
  }
  format(expression: string): string {
    return formatExpression(parseExpression(expression));
  }

  /** @throws BellwetherError as `QueryEngine` says, and `store_unavailable` */
  async #ask(resource: string, parameters: Parameters, options: QueryOptions = {}): Promise<Envelope> {
    const { timeoutMs = DEFAULT_QUERY_LIMITS.timeoutMs, lookbackMs, signal } = options;
    const isQuery = resource.startsWith('query');
    const search = new URLSearchParams([...parameters, EXACT].map(([name, value]): [string, string] => [name, value]));
    if (isQuery) search.set('timeout', secondsOf(timeoutMs));
    if (lookbackMs !== undefined) search.set('lookback_delta', secondsOf(lookbackMs));
    const isPosted = isQuery || resource === 'series';
    let answer: RemoteAnswer;
    try {
      answer = await this.#target.request({
        method: isPosted ? 'POST' : 'GET',
        path: `api/v1/${resource}${isPosted ? '' : `?${search}`}`,
        ...(isPosted ? { body: String(search), headers: { 'content-type': 'application/x-www-form-urlencoded' } } : {}),
        timeoutMs,
        mostBytes: this.#mostBytes,
        signal,
      });
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      throw new BellwetherError(FAILURES[error.reason], `${this.#target.origin} gave no answer: ${error.message}`, { cause: error });
    }
    return envelopeOf(answer, this.#target.origin);
  }
}

/** What is no PromQL of Prometheus's may still be one of the engine's. */
function isScalarExpression(expression: string): boolean {
  try {
    return typeOf(parseExpression(expression)) === 'scalar';
  } catch {
    return false;
  }
}

function secondsOf(ms: number): string {
  return String(ms / 1000);
}

function windowOf(selectors: readonly Selector[], fromMs: number, toMs: number): Parameters {
  const matches = selectors.map((selector) => ['match[]', textOf(selector)] as const);
  return [...matches, ['start', secondsOf(fromMs)], ['end', secondsOf(toMs)]];
}

function textOf(selector: Selector): string {
  return `{${selector.map(({ label, op, value }) => `${label}${op}${JSON.stringify(value)}`).join(',')}}`;
}

const KINDS: ReadonlySet<string> = new Set(['gauge', 'counter', 'histogram']);

function metadataOf({ data }: Envelope): Map<string, MetricMeta> {
  const byName = Object.entries((data ?? {}) as Readonly<Record<string, readonly { type: string; unit: string; help: string }[]>>);
  return new Map(
    byName.flatMap(([name, [first]]) =>
      first === undefined
        ? []
        : [[name, { kind: KINDS.has(first.type) ? (first.type as MetricKind) : 'unknown', unit: first.unit, help: first.help }] as const],
    ),
  );
}
