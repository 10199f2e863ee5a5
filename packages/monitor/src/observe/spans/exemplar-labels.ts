import type { Labels } from '../../model/labels.ts';
import type { Tracer } from './tracer.ts';

/** Trace and span in whose name the code runs, as the labels of an exemplar. */
export function exemplarLabels(tracer: Tracer): Labels | undefined {
  const span = tracer.current();
  if (span === undefined) return undefined;
  const [, trace_id = '', span_id = ''] = tracer.propagate(span).traceparent.split('-');
  return { trace_id, span_id };
}
