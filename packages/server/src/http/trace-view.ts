import type { Span, Trace } from '@bellwether/monitor/engine';
import type * as api from '../api-types.ts';
import { isoTime, rounded } from './time-view.ts';

function spanView(span: Span, beganAtMs: number): api.Span {
  return {
    span_id: span.spanId,
    parent_span_id: span.parentId ?? null,
    name: span.name,
    kind: span.kind,
    service: span.service ?? '',
    offset_ms: rounded(span.startedAtMs - beganAtMs, 'ms'),
    duration_ms: rounded(span.durationMs, 'ms'),
    status: span.status,
    failed: span.failed,
  };
}

export function traceListView(traces: readonly Trace[]): api.TraceList {
  return {
    traces: traces.map(({ traceId, root, spans }) => ({
      trace_id: traceId,
      name: root.name,
      started_at: isoTime(root.startedAtMs),
      duration_ms: rounded(root.durationMs, 'ms'),
      failed: spans.some(({ failed }) => failed),
      spans: spans.toSorted((a, b) => a.startedAtMs - b.startedAtMs).map((span) => spanView(span, root.startedAtMs)),
    })),
    count: traces.length,
  };
}
