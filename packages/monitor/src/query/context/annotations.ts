import type { Span } from '../parse/ast.ts';

/** How many of each kind a reply carries, as in Prometheus; a line tells of the rest. */
const MAX_EACH = 10;

/**
 * Warnings (the result may be wrong) and infos (it may surprise) of one query, each once, in Prometheus's words: people search for them, and
 * Grafana shows them beside the panel.
 */
export class Annotations {
  readonly #query: string;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  /** @param query The text that the spans point into. */
  constructor(query: string) {
    this.#query = query;
  }

  get warnings(): string[] {
    return bounded(this.#warnings, 'warning');
  }
  get infos(): string[] {
    return bounded(this.#infos, 'info');
  }

  /** Warns of those of a quantile's parameters that are no ratios. */
  checkQuantiles(quantiles: Iterable<number>, at: Span): void {
    for (const quantile of quantiles)
      if (!(quantile >= 0 && quantile <= 1)) this.#warn(`quantile value should be between 0 and 1, got ${goNumber(quantile)}`, at);
  }
  /** The same for an aggregation, whose parameters Prometheus judges together: by their least, their greatest, and NaN. */
  checkQuantileRange(quantiles: Float64Array, at: Span): void {
    const least = quantiles.reduce((a, b) => (b < a ? b : a), 0);
    const greatest = quantiles.reduce((a, b) => (b > a ? b : a), 1);
    this.checkQuantiles([least, greatest, ...(quantiles.some(Number.isNaN) ? [Number.NaN] : [])], at);
  }
  /** A series among a classic histogram's buckets that says no bound. */
  badBucketLabel(le: string, metric: string, at: Span): void {
    this.#warn(`bucket label "le" is missing or has a malformed value of ${quoted(le)} for metric name ${quoted(metric)}`, at);
  }
  /** A counter function on what is not named as a counter. */
  maybeNoCounter(metric: string, at: Span): void {
    this.#inform(`metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoted(metric)}`, at);
  }
  /** Cumulative bucket counts that fell. */
  forcedMonotonic(metric: string, at: Span): void {
    const page = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';
    this.#inform(`input to histogram_quantile needed to be fixed for monotonicity (see ${page}) for metric name ${quoted(metric)}`, at);
  }

  #warn(text: string, at: Span): void {
    this.#warnings.add(`PromQL warning: ${text} (${this.#position(at.start)})`);
  }
  #inform(text: string, at: Span): void {
    this.#infos.add(`PromQL info: ${text} (${this.#position(at.start)})`);
  }

  /** Line and column, the column in bytes. */
  #position(offset: number): string {
    const before = this.#query.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.split('\n').length;
    return `${line}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
  }
}

function bounded(texts: ReadonlySet<string>, kind: string): string[] {
  const shown = [...texts].slice(0, MAX_EACH);
  return texts.size > MAX_EACH ? [...shown, `${texts.size - MAX_EACH} more ${kind} annotations omitted`] : shown;
}

const quoted = (text: string): string => JSON.stringify(text);

/** As Go's `%g` prints it. */
function goNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const magnitude = Math.abs(value);
  if (value === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) return Object.is(value, -0) ? '-0' : String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
