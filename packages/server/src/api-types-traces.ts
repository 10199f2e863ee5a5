/** Shapes of the traces API; part of `api-types.ts`. */

/** A timed piece of work on behalf of a request. */
export interface Span {
  readonly span_id: string;
  /** Of the first span of a trace it is null, or names a span that was not told. */
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'database' | 'consumer';
  /** Empty for the own process. */
  readonly service: string;
  /** Since the first span began. */
  readonly offset_ms: number;
  readonly duration_ms: number;
  /** HTTP status, or 0. */
  readonly status: number;
  readonly failed: boolean;
}
export interface Trace {
  readonly trace_id: string;
  /** Of its first span. */
  readonly name: string;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly failed: boolean;
  /** In the order they began. */
  readonly spans: readonly Span[];
}
export interface TraceList {
  readonly traces: readonly Trace[];
  readonly count: number;
}
