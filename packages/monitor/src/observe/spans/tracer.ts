/**
 * Spans of the requests this process serves, kept in memory and handed over in batches.
 *
 * Which request runs is known from one AsyncLocalStorage, entered once a request; work that has no children of its own (a statement, an outgoing request) only
 * reads it. A trace is kept when its first span ends: if it was drawn (`ratio`, or the caller's sampled flag), took `slowMs` or more, or failed; so the slow
 * and the failed are there however small the ratio. Ids are drawn only for traces that are kept or told to somebody. What is kept is bounded: spans of a trace,
 * spans between two drains, and traces a caller can force upon us; the rest is counted. Work that outlives its request is not told.
 * About 0.5 µs a request that is not kept.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../base/clock.ts';
import type { SpanBatch, SpanKind } from '../../model/span.ts';
import { formatTraceParent, type TraceParent } from './trace-context.ts';
import { writeSpans } from './write-spans.ts';

export interface SpanOptions {
  /** Share of requests whose spans are kept whatever they look like, 0 to 1. @default 0.01 */
  readonly ratio?: number;
  /** Requests that take at least this long are kept, too. @default 1000 */
  readonly slowMs?: number;
}

const MOST_SPANS_A_TRACE = 200;
const MOST_SPANS_A_DRAIN = 4000;
/** Of them for traces that were drawn: slow and failed ones find room however many there are. */
const MOST_DRAWN_SPANS = 2000;
const LONGEST_NAME = 200;

/** A span at work. */
export class ActiveSpan {
  readonly kind: SpanKind;
  name: string;
  readonly parent: ActiveSpan | undefined;
  readonly trace: Trace;
  readonly startedMs: number;
  durationMs = -1;
  status = 0;
  failed = false;
  /** Drawn when first asked for. */
  id: Uint32Array | undefined = undefined;

  constructor(origin: { readonly kind: SpanKind; readonly name: string; readonly startedMs: number }, trace: Trace, parent?: ActiveSpan) {
    this.kind = origin.kind;
    this.name = origin.name;
    this.startedMs = origin.startedMs;
    this.trace = trace;
    this.parent = parent;
  }
}

/** What one request did here. */
export class Trace {
  readonly remote: TraceParent | undefined;
  readonly state: string | undefined;
  readonly isDrawn: boolean;
  id: Uint32Array | undefined;
  /** Ended ones, the first span last; absent until there is one. */
  spans: ActiveSpan[] | undefined = undefined;
  isOver = false;

  constructor(isDrawn: boolean, remote?: TraceParent, state?: string) {
    this.isDrawn = isDrawn;
    this.remote = remote;
    this.state = state;
    this.id = remote?.traceId;
  }
}

export interface SpanEnd {
  readonly name?: string;
  readonly status?: number;
  readonly failed?: boolean;
}

export class Tracer {
  readonly #clock: Clock;
  readonly #ratio: number;
  readonly #slowMs: number;
  readonly #storage = new AsyncLocalStorage<ActiveSpan | undefined>();
  #kept: Trace[] = [];
  #keptSpans = 0;
  #drawnSpans = 0;
  #dropped = 0;

  /** @throws RangeError for a ratio outside of 0 to 1 or a negative `slowMs`. */
  constructor(clock: Clock, { ratio = 0.01, slowMs = 1000 }: SpanOptions = {}) {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`the ratio of sampled requests must be from 0 to 1, got ${ratio}`);
    if (!(slowMs >= 0)) throw new RangeError(`slowMs must not be negative, got ${slowMs}`);
    this.#clock = clock;
    this.#ratio = ratio;
    this.#slowMs = slowMs;
  }

  /** Spans that were not kept for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The span in whose name the code runs. */
  current(): ActiveSpan | undefined {
    return this.#storage.getStore();
  }

  /** Begins the first span of a trace and makes it current for the code that follows in this turn, and for what that starts. */
  enter(kind: SpanKind, remote?: TraceParent, state?: string): ActiveSpan {
    const root = this.root({ kind, name: '' }, remote, state);
    this.#storage.enterWith(root);
    return root;
  }

  /** Begins the first span of a trace without making it current. */
  root(origin: { readonly kind: SpanKind; readonly name: string }, remote?: TraceParent, state?: string): ActiveSpan {
    const isDrawn = remote?.isSampled === true || (this.#ratio > 0 && this.#clock.random() < this.#ratio);
    return new ActiveSpan({ ...origin, startedMs: this.#clock.monotonicMs() }, new Trace(isDrawn, remote, state));
  }

  /** Begins a span below the current one, without making it current; `undefined` when no request runs. */
  child(kind: SpanKind, name: string, startedMs: number = this.#clock.monotonicMs()): ActiveSpan | undefined {
    const parent = this.#storage.getStore();
    if (parent === undefined || parent.trace.isOver) return undefined;
    return new ActiveSpan({ kind, name, startedMs }, parent.trace, parent);
  }

  /** Runs work in the name of a span, or of none. */
  run<T>(span: ActiveSpan | undefined, work: () => T): T {
    return this.#storage.run(span, work);
  }

  /** Ends a span; the end of a first span decides whether its trace is kept. Ending again does nothing. */
  end(span: ActiveSpan, { name, status, failed }: SpanEnd = {}): void {
    const { trace } = span;
    if (span.durationMs >= 0 || trace.isOver) return;
    span.durationMs = Math.max(0, this.#clock.monotonicMs() - span.startedMs);
    if (name !== undefined) span.name = name;
    if (status !== undefined) span.status = status;
    if (failed === true) span.failed = true;
    if (span.parent === undefined) this.#finish(span);
    else if (trace.spans === undefined) trace.spans = [span];
    else if (trace.spans.length < MOST_SPANS_A_TRACE) trace.spans.push(span);
    else this.#dropped++;
  }

  /** Forgets a first span and what is below it. */
  discard({ trace }: ActiveSpan): void {
    trace.isOver = true;
    trace.spans = undefined;
  }

  /** What to tell a service that is called in the name of `span`. */
  propagate(span: ActiveSpan): { readonly traceparent: string; readonly tracestate: string | undefined } {
    const { trace } = span;
    return {
      traceparent: formatTraceParent({ traceId: this.#traceId(trace), spanId: this.#spanId(span), isSampled: trace.isDrawn }),
      tracestate: trace.state,
    };
  }

  /** What was kept since the last call. */
  drain(nowMs: number): SpanBatch | undefined {
    const kept = this.#kept;
    if (kept.length === 0) return undefined;
    this.#kept = [];
    this.#keptSpans = 0;
    this.#drawnSpans = 0;
    const offsetMs = nowMs - this.#clock.monotonicMs();
    const batch = writeSpans(kept, { offsetMs, idOf: (span) => this.#spanId(span), traceIdOf: (trace) => this.#traceId(trace) });
    // What a request left behind, such as a connection, may hold on to its span for long: not to all the others.
    for (const trace of kept) trace.spans = undefined;
    return batch;
  }

  #finish(root: ActiveSpan): void {
    const { trace } = root;
    trace.isOver = true;
    const isNotable = root.failed || root.durationMs >= this.#slowMs;
    if (!isNotable && !trace.isDrawn) {
      trace.spans = undefined;
      return;
    }
    const size = (trace.spans?.length ?? 0) + 1;
    const hasRoom = this.#keptSpans + size <= MOST_SPANS_A_DRAIN && (isNotable || this.#drawnSpans + size <= MOST_DRAWN_SPANS);
    if (!hasRoom) {
      this.#dropped += size;
      trace.spans = undefined;
      return;
    }
    if (root.name.length > LONGEST_NAME) root.name = root.name.slice(0, LONGEST_NAME);
    (trace.spans ??= []).push(root);
    this.#kept.push(trace);
    this.#keptSpans += size;
    if (!isNotable) this.#drawnSpans += size;
  }

  #traceId(trace: Trace): Uint32Array {
    return (trace.id ??= this.#draw(4));
  }
  #spanId(span: ActiveSpan): Uint32Array {
    return (span.id ??= this.#draw(2));
  }
  /** Never all zeros, which would mean "none". */
  #draw(words: number): Uint32Array {
    const drawn = Uint32Array.from({ length: words }, () => this.#clock.random() * 2 ** 32);
    if (drawn.every((word) => word === 0)) drawn[0] = 1;
    return drawn;
  }
}
