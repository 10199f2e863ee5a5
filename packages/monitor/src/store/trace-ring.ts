/**
 * The traces worth looking at, in memory and bounded: slow or failed ones on one shelf, ordinary ones (drawn by chance) on another, so that plenty of the ones
 * never drives out the few of the other. Spans of one trace may come in several batches and from several services; they are put together as long as the trace
 * is there. The oldest trace goes first. O(1) a span; `slowest` sorts the shelves, at most 600 traces.
 */
import type { Span } from '../model/span.ts';

export interface Trace {
  readonly traceId: string;
  /** In the order they came; the first span of the whole is `root`. */
  readonly spans: readonly Span[];
  /** The span nobody here is the parent of; the longest where there are several. */
  readonly root: Span;
}

export interface TraceRingOptions {
  /** A trace that takes at least this long is kept on the shelf of notable ones. @default 1000 */
  readonly slowMs?: number;
  /** Traces a shelf holds. @default 300 */
  readonly capacity?: number;
}

const MOST_SPANS_A_TRACE = 500;

class Gathered {
  readonly spans: Span[] = [];
  readonly #ids = new Set<string>();

  /** A span that comes again, as senders repeat what they think is lost, is known by its id. */
  add(span: Span): void {
    if (this.spans.length >= MOST_SPANS_A_TRACE || this.#ids.has(span.spanId)) return;
    this.#ids.add(span.spanId);
    this.spans.push(span);
  }
  view(traceId: string): Trace {
    const roots = this.spans.filter(({ parentId }) => parentId === undefined || !this.#ids.has(parentId));
    const candidates = roots.length > 0 ? roots : this.spans;
    return {
      traceId,
      spans: this.spans,
      root: candidates.reduce((longest, span) => (span.durationMs > longest.durationMs ? span : longest)),
    };
  }
}

export class TraceRing {
  readonly #slowMs: number;
  readonly #capacity: number;
  readonly #notable = new Map<string, Gathered>();
  readonly #ordinary = new Map<string, Gathered>();

  constructor({ slowMs = 1000, capacity = 300 }: TraceRingOptions = {}) {
    this.#slowMs = slowMs;
    this.#capacity = capacity;
  }

  add(spans: Iterable<Span>): void {
    for (const span of spans) this.#gatheredOf(span).add(span);
  }

  /** Traces of the trailing `windowMs`, longest first. @param limit ≥ 0 */
  slowest(limit: number, { nowMs, windowMs }: { readonly nowMs: number; readonly windowMs: number }): Trace[] {
    const traces = [...this.#notable, ...this.#ordinary].map(([traceId, gathered]) => gathered.view(traceId));
    return traces
      .filter(({ root }) => root.startedAtMs >= nowMs - windowMs)
      .sort((a, b) => b.root.durationMs - a.root.durationMs)
      .slice(0, limit);
  }

  /** One trace by its id. */
  find(traceId: string): Trace | undefined {
    return (this.#notable.get(traceId) ?? this.#ordinary.get(traceId))?.view(traceId);
  }

  #gatheredOf(span: Span): Gathered {
    const { traceId } = span;
    const isNotable = span.failed || span.durationMs >= this.#slowMs;
    const notable = this.#notable.get(traceId);
    if (notable !== undefined) return notable;
    const ordinary = this.#ordinary.get(traceId);
    if (ordinary !== undefined && !isNotable) return ordinary;
    this.#ordinary.delete(traceId);
    const gathered = ordinary ?? new Gathered();
    const shelf = isNotable ? this.#notable : this.#ordinary;
    const [oldest] = shelf.keys();
    if (oldest !== undefined && shelf.size >= this.#capacity) shelf.delete(oldest);
    shelf.set(traceId, gathered);
    return gathered;
  }
}
