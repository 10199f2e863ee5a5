import type { PbfReader } from 'pbf';
import { StrictReader } from './strict-reader.ts';

interface TraceRequest {
  readonly resourceSpans?: readonly { readonly scopeSpans?: readonly { readonly spans?: readonly unknown[] }[] }[];
}

export function countJsonSpans(request: TraceRequest): number {
  let count = 0;
  for (const resource of request.resourceSpans ?? []) for (const scope of resource.scopeSpans ?? []) count += scope.spans?.length ?? 0;
  return count;
}

interface Count {
  spans: number;
}
function readScope(tag: number, count: Count): void {
  if (tag === 2) count.spans++;
}
function readResource(tag: number, count: Count, pbf: PbfReader): void {
  if (tag === 2) pbf.readMessage(readScope, count);
}

/** @throws Error for bytes that are no such message. */
export function countProtobufSpans(bytes: Uint8Array): number {
  return new StrictReader(bytes).readFields(
    (tag, count: Count, pbf) => {
      if (tag === 1) pbf.readMessage(readResource, count);
    },
    { spans: 0 },
  ).spans;
}
