import type { Clock } from '../base/clock.ts';
import { BellwetherError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import type { SeriesDescriptor } from '../model/metric.ts';
import type { SampleStore, Selector } from '../store/sample-store.ts';
import { Annotations } from './context/annotations.ts';
import { unwrapParens, type Expr } from './parse/ast.ts';
import { typeOf } from './parse/check-types.ts';
import { evaluate, evaluateMatrix } from './evaluate/evaluate.ts';
import { ExpressionCache } from './parse/expression-cache.ts';
import { formatExpression } from './parse/format.ts';
import { METRIC_NAME, type Frame, type Steps } from './context/frame.ts';
import { parseExpression, parseSelectorText } from './parse/parse.ts';
import { DEFAULT_QUERY_LIMITS, QueryBudget, type QueryLimits } from './context/query-budget.ts';
import type { QueryContext } from './context/query-context.ts';
import type { MatrixSeries, QueryEngine, QueryOptions, QueryResult, QueryValue } from './query-engine.ts';
import { queryInvalid } from './parse/query-error.ts';

export interface QueryEngineOptions {
  readonly store: SampleStore;
  readonly clock: Clock;
  /** @default DEFAULT_QUERY_LIMITS */
  readonly limits?: Partial<QueryLimits>;
}

/** PromQL over the embedded store, with the semantics of Prometheus 3. Parsed expressions are kept between queries, nothing else. */
export function createQueryEngine(options: QueryEngineOptions): QueryEngine {
  return new StoreQueryEngine(options);
}

const ANYTHING: Selector = [{ label: METRIC_NAME, op: '=~', value: '.+' }];

class StoreQueryEngine implements QueryEngine {
  readonly #store: SampleStore;
  readonly #clock: Clock;
  readonly #limits: QueryLimits;
  readonly #expressions = new ExpressionCache();

  constructor(options: QueryEngineOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#limits = { ...DEFAULT_QUERY_LIMITS, ...options.limits };
  }

  async instant(expression: string, atMs: number, options: QueryOptions = {}): Promise<QueryResult> {
    const expr = this.#expressions.parse(expression);
    const context = this.#context(expression, { at: { startMs: atMs, stepMs: 0, steps: 1 }, queryEndMs: atMs }, options);
    if (typeOf(expr) === 'matrix') return result({ type: 'matrix', series: await evaluateMatrix(expr, context) }, context);
    return result(instantValue(await evaluate(expr, context), atMs, expr), context);
  }

  async range(
    expression: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
    options: QueryOptions = {},
  ): Promise<QueryResult> {
    const { fromMs, toMs, stepMs } = range;
    if (!(stepMs > 0)) throw queryInvalid('The step must be longer than 0', 0);
    if (!(toMs >= fromMs)) throw queryInvalid('The end must not be before the start', 0);
    const steps = Math.floor((toMs - fromMs) / stepMs) + 1;
    if (steps > this.#limits.maxSteps) {
      throw new BellwetherError('query_too_large', `The range has ${steps} steps, more than ${this.#limits.maxSteps}`, {
        hint: 'Choose a longer step.',
      });
    }
    const expr = this.#expressions.parse(expression);
    const type = typeOf(expr);
    if (type === 'matrix' || type === 'string')
      throw queryInvalid(`A range query needs a scalar or an instant vector, not a ${type}`, expr);
    const at = { startMs: fromMs, stepMs, steps };
    const context = this.#context(expression, { at, queryEndMs: toMs }, options);
    return result({ type: 'matrix', series: matrixOf(await evaluate(expr, context), at) }, context);
  }

  async series(selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly Labels[]> {
    return this.#matching(selectors, fromMs, toMs).map(({ name, labels }) => ({ [METRIC_NAME]: name, ...labels }));
  }

  async labelNames(selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const { labels } of this.#matching(selectors, fromMs, toMs)) for (const name of Object.keys(labels)) names.add(name);
    return [METRIC_NAME, ...names].toSorted();
  }

  async labelValues(label: string, selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly string[]> {
    const values = new Set<string>();
    for (const { name, labels } of this.#matching(selectors, fromMs, toMs)) {
      const value = label === METRIC_NAME ? name : labels[label];
      if (value !== undefined && value !== '') values.add(value);
    }
    return [...values].toSorted();
  }

  async metadata(): ReturnType<QueryEngine['metadata']> {
    return this.#store.metadata();
  }
  parseSelector(text: string): Selector {
    return parseSelectorText(text);
  }
  format(expression: string): string {
    return formatExpression(parseExpression(expression));
  }

  #context(expression: string, query: { readonly at: Steps; readonly queryEndMs: number }, options: QueryOptions): QueryContext {
    const { lookbackMs = this.#limits.lookbackMs } = options;
    const budget = new QueryBudget({ ...options, limits: { ...this.#limits, lookbackMs }, clock: this.#clock });
    return { store: this.#store, budget, notes: new Annotations(expression), ...query, queryStartMs: query.at.startMs };
  }

  #matching(selectors: readonly Selector[], fromMs: number, toMs: number): SeriesDescriptor[] {
    const found = (selectors.length === 0 ? [ANYTHING] : selectors).map((selector) => this.#store.series(selector, fromMs, toMs));
    return found.length === 1
      ? (found[0] ?? [])
      : [...new Map(found.flat().map((series) => [JSON.stringify([series.name, series.labels]), series])).values()];
  }
}

function result(value: QueryValue, { notes, budget }: QueryContext): QueryResult {
  return { value, warnings: notes.warnings, infos: notes.infos, samplesRead: budget.samplesRead };
}

const ORDERED: ReadonlySet<string> = new Set(['sort', 'sort_desc', 'topk', 'bottomk']);

function isOrdered(expr: Expr): boolean {
  const inner = unwrapParens(expr);
  return (inner.kind === 'call' && ORDERED.has(inner.name)) || (inner.kind === 'aggregate' && ORDERED.has(inner.op));
}

const nameOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** By their labels. Each name is made once: made anew by each comparison, the order of 100,000 series would take seconds. */
function inOrder<T extends { readonly labels: Labels }>(series: readonly T[]): T[] {
  if (series.length < 2) return [...series];
  const named = series.map((one) => ({ one, name: nameOf(one.labels) }));
  return named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).map(({ one }) => one);
}

function instantValue(frame: Frame, atMs: number, expr: Expr): QueryValue {
  if (frame.type === 'string') return { type: 'string', atMs, value: frame.value };
  if (frame.type === 'scalar') return { type: 'scalar', atMs, value: frame.values[0] as number };
  const samples = frame.columns
    .filter(({ present }) => present[0] === 1)
    .map(({ labels, values }) => ({ labels, atMs, value: values[0] as number }));
  return {
    type: 'vector',
    samples: isOrdered(expr) ? samples : inOrder(samples),
  };
}

function matrixOf(frame: Frame, at: Steps): MatrixSeries[] {
  if (frame.type === 'string') return [];
  const columns =
    frame.type === 'scalar' ? [{ labels: {}, values: frame.values, present: new Uint8Array(at.steps).fill(1) }] : frame.columns;
  const ranges = columns
    .map(({ labels, values, present }) => {
      const series: { readonly labels: Labels; readonly timesMs: number[]; readonly values: number[] } = {
        labels,
        timesMs: [],
        values: [],
      };
      for (let step = 0; step < at.steps; step++) {
        if (present[step] !== 1) continue;
        series.timesMs.push(at.startMs + step * at.stepMs);
        series.values.push(values[step] as number);
      }
      return series;
    })
    .filter((series) => series.timesMs.length > 0);
  return inOrder(ranges);
}
