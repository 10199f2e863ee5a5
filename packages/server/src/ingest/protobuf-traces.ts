/** OTLP traces in their protobuf encoding, read into the shapes of the JSON encoding; field numbers of opentelemetry-proto 1.x. */
import type { PbfReader } from 'pbf';
import type { OtlpAttribute } from './otlp-model.ts';
import type { OtlpSpan, OtlpTracesRequest } from './otlp-traces.ts';
import { list, readAttribute, type Draft, type Reader } from './protobuf-otlp.ts';
import { StrictReader } from './strict-reader.ts';

type ResourceSpans = NonNullable<OtlpTracesRequest['resourceSpans']>[number];

const hexOf = (pbf: PbfReader): string => Buffer.from(pbf.readBytes()).toString('hex');
/** As text: a number would lose the fractions of milliseconds. */
function nanos(pbf: PbfReader): string {
  const low = pbf.readFixed32();
  return String((BigInt(pbf.readFixed32()) << 32n) | BigInt(low));
}

const readStatus: Reader<{ code?: number }> = (tag, status, pbf) => {
  if (tag === 3) status.code = pbf.readVarint();
};
const readSpan: Reader<Draft<OtlpSpan>> = (tag, span, pbf) => {
  if (tag === 1) span.traceId = hexOf(pbf);
  else if (tag === 2) span.spanId = hexOf(pbf);
  else if (tag === 4) span.parentSpanId = hexOf(pbf);
  else if (tag === 5) span.name = pbf.readString();
  else if (tag === 6) span.kind = pbf.readVarint();
  else if (tag === 7) span.startTimeUnixNano = nanos(pbf);
  else if (tag === 8) span.endTimeUnixNano = nanos(pbf);
  else if (tag === 9) span.attributes = list(span.attributes, pbf.readMessage(readAttribute, {}));
  else if (tag === 15) span.status = pbf.readMessage(readStatus, {});
};
const readScope: Reader<{ spans?: OtlpSpan[] }> = (tag, scope, pbf) => {
  if (tag === 2) scope.spans = list(scope.spans, pbf.readMessage(readSpan, {}));
};
const readResource: Reader<{ attributes?: OtlpAttribute[] }> = (tag, resource, pbf) => {
  if (tag === 1) resource.attributes = list(resource.attributes, pbf.readMessage(readAttribute, {}));
};
const readResourceSpans: Reader<Draft<ResourceSpans>> = (tag, entry, pbf) => {
  if (tag === 1) entry.resource = pbf.readMessage(readResource, {});
  else if (tag === 2) entry.scopeSpans = list(entry.scopeSpans, pbf.readMessage(readScope, {}));
};

/** @throws Error for bytes that are no such message. */
export function decodeOtlpTraces(bytes: Uint8Array): OtlpTracesRequest {
  const resourceSpans: ResourceSpans[] = [];
  new StrictReader(bytes).readFields((tag, _result, pbf) => {
    if (tag === 1) resourceSpans.push(pbf.readMessage(readResourceSpans, {}));
  }, undefined);
  return { resourceSpans };
}
