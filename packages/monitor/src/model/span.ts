/**
 * A span is one timed piece of work on behalf of a request: the request itself, a statement, a request to somebody else, a measured operation. Spans of one
 * trace point to their parent by its id. Kept small: a name that carries no values, a status, times.
 */
export const SPAN_KINDS = ['internal', 'server', 'client', 'database', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export interface Span {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Absent on the first span of a trace. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** HTTP status where there is one, else 0. */
  readonly status: number;
  readonly failed: boolean;
  /** Name of the service, of spans that others sent. */
  readonly service?: string;
}

/** Words of `ids` a span takes: four of the trace, two of the span, two of its parent (zeros: none). */
export const ID_WORDS = 8;
/** Numbers of `times` a span takes: start in ms since the epoch, duration in ms. */
export const TIME_NUMBERS = 2;
/** Numbers of `codes` a span takes: index into `names`, index into `SPAN_KINDS`, status, 1 when failed. */
export const CODE_NUMBERS = 4;

/** Spans on their way to another thread; the arrays are transferred. Whole traces, the spans of each side by side. */
export interface SpanBatch {
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer>;
  readonly codes: Uint32Array<ArrayBuffer>;
  readonly names: readonly string[];
}

const hex = (word: number): string => word.toString(16).padStart(8, '0');

/** The spans of a batch as objects, in its order. */
export function readSpans({ ids, times, codes, names }: SpanBatch): Span[] {
  const at = (array: Uint32Array | Float64Array, index: number): number => array[index] as number;
  return Array.from({ length: times.length / TIME_NUMBERS }, (_, i) => {
    const words = Array.from(ids.subarray(i * ID_WORDS, (i + 1) * ID_WORDS), hex);
    const parent = words.slice(6).join('');
    const code = i * CODE_NUMBERS;
    return {
      traceId: words.slice(0, 4).join(''),
      spanId: words.slice(4, 6).join(''),
      parentId: parent === '0000000000000000' ? undefined : parent,
      name: names[at(codes, code)] ?? '',
      kind: SPAN_KINDS[at(codes, code + 1)] ?? 'internal',
      startedAtMs: at(times, i * TIME_NUMBERS),
      durationMs: at(times, i * TIME_NUMBERS + 1),
      status: at(codes, code + 2),
      failed: at(codes, code + 3) === 1,
    };
  });
}
