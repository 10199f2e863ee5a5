/** OTLP traces as far as they are kept: ids, name, kind, times, status. Everything may be missing, and unknown members are ignored, as the protocol asks. */
import { redactText, type Span, type SpanKind } from '@bellwether/monitor/engine';
import { text, timeMs } from './otlp-metrics.ts';
import type { OtlpAttribute } from './otlp-model.ts';

export interface OtlpSpan {
  /** Hexadecimal. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer; JSON may spell them out. */
  readonly kind?: number | string;
  readonly startTimeUnixNano?: string | number;
  readonly endTimeUnixNano?: string | number;
  readonly attributes?: readonly OtlpAttribute[];
  /** 2 is an error. */
  readonly status?: { readonly code?: number | string };
}
export interface OtlpTracesRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

const KINDS: Readonly<Record<string, SpanKind>> = {
  2: 'server',
  SPAN_KIND_SERVER: 'server',
  3: 'client',
  SPAN_KIND_CLIENT: 'client',
  4: 'client',
  SPAN_KIND_PRODUCER: 'client',
  5: 'consumer',
  SPAN_KIND_CONSUMER: 'consumer',
};
const LONGEST_NAME = 200;
const ZEROS = /^0+$/;

function idOf(given: unknown, digits: number): string | undefined {
  if (typeof given !== 'string' || given.length !== digits || !/^[0-9a-fA-F]+$/.test(given) || ZEROS.test(given)) return undefined;
  return given.toLowerCase();
}

function attributeOf(attributes: readonly OtlpAttribute[] | undefined, ...keys: readonly string[]): string {
  return text(attributes?.find(({ key }) => key !== undefined && keys.includes(key))?.value);
}

/** Bodies are not always what their types say. */
function textOf(given: unknown): string {
  return typeof given === 'string' ? given : '';
}

function kindOf({ kind, attributes }: OtlpSpan): SpanKind {
  if (attributeOf(attributes, 'db.system', 'db.system.name') !== '') return 'database';
  return KINDS[String(kind)] ?? 'internal';
}

/** @returns `undefined` for a span without legal ids or times. */
function spanOf(given: OtlpSpan, service: string): Span | undefined {
  const [traceId, spanId] = [idOf(given.traceId, 32), idOf(given.spanId, 16)];
  const startedAtMs = exactMs(given.startTimeUnixNano);
  const durationMs = exactMs(given.endTimeUnixNano) - startedAtMs;
  if (traceId === undefined || spanId === undefined || !(startedAtMs > 0) || !(durationMs >= 0)) return undefined;
  const status = Number(attributeOf(given.attributes, 'http.response.status_code', 'http.status_code'));
  return {
    traceId,
    spanId,
    parentId: idOf(given.parentSpanId, 16),
    name: redactText(textOf(given.name).slice(0, LONGEST_NAME)),
    kind: kindOf(given),
    startedAtMs,
    durationMs,
    status: Number.isInteger(status) && status >= 100 && status <= 599 ? status : 0,
    failed: given.status?.code === 2 || given.status?.code === 'STATUS_CODE_ERROR',
    service,
  };
}

/** Milliseconds with their fraction: of text the last six digits are it, for a number cannot hold all nanoseconds since 1970. */
function exactMs(nanos: string | number | undefined): number {
  if (typeof nanos !== 'string' || nanos.length <= 6) return typeof nanos === 'number' ? nanos / 1e6 : timeMs(nanos);
  return Number(nanos.slice(0, -6)) + Number(nanos.slice(-6)) / 1e6;
}

export function translateSpans(request: OtlpTracesRequest): { readonly spans: readonly Span[]; readonly rejected: number } {
  const spans: Span[] = [];
  let rejected = 0;
  for (const { resource, scopeSpans } of request.resourceSpans ?? []) {
    const service = redactText(attributeOf(resource?.attributes, 'service.name').slice(0, LONGEST_NAME));
    for (const given of (scopeSpans ?? []).flatMap((scope) => scope.spans ?? [])) {
      const span = spanOf(given, service);
      if (span === undefined) rejected++;
      else spans.push(span);
    }
  }
  return { spans, rejected };
}
