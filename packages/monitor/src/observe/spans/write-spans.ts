import { CODE_NUMBERS, ID_WORDS, SPAN_KINDS, TIME_NUMBERS, type SpanBatch } from '../../model/span.ts';
import { redactText } from '../../instruments/redact-labels.ts';
import type { ActiveSpan, Trace } from './tracer.ts';

export interface SpanWriting {
  /** Added to monotonic times to make them ms since the epoch. */
  readonly offsetMs: number;
  readonly idOf: (span: ActiveSpan) => Uint32Array;
  readonly traceIdOf: (trace: Trace) => Uint32Array;
}

/** Packs whole traces. Names are redacted, each once. A parent that was never ended is left out of the trace: its children point to the span above it. */
export function writeSpans(traces: readonly Trace[], { offsetMs, idOf, traceIdOf }: SpanWriting): SpanBatch {
  const count = traces.reduce((total, { spans }) => total + (spans?.length ?? 0), 0);
  const ids = new Uint32Array(count * ID_WORDS);
  const times = new Float64Array(count * TIME_NUMBERS);
  const codes = new Uint32Array(count * CODE_NUMBERS);
  const names = new Map<string, number>();
  const nameCode = (name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, names.size);
    return names.size - 1;
  };
  let at = 0;
  for (const trace of traces) {
    for (const span of trace.spans ?? []) {
      const parent = endedParent(span);
      ids.set(traceIdOf(trace), at * ID_WORDS);
      ids.set(idOf(span), at * ID_WORDS + 4);
      const parentId = parent === undefined ? trace.remote?.spanId : idOf(parent);
      if (parentId !== undefined) ids.set(parentId, at * ID_WORDS + 6);
      times.set([span.startedMs + offsetMs, span.durationMs], at * TIME_NUMBERS);
      codes.set([nameCode(span.name), SPAN_KINDS.indexOf(span.kind), span.status, span.failed ? 1 : 0], at * CODE_NUMBERS);
      at++;
    }
  }
  return { ids, times, codes, names: [...names.keys()].map(redactText) };
}

function endedParent(span: ActiveSpan): ActiveSpan | undefined {
  let { parent } = span;
  while (parent !== undefined && parent.durationMs < 0) ({ parent } = parent);
  return parent;
}
