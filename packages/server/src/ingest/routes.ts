import type { AppendResult } from '@bellwether/monitor/engine';
import { ApiProblem } from '../http/problem.ts';
import { mediaType, parseJson, readBytes, readDecodedBytes } from '../http/read-body.ts';
import { route, type ApiContext, type Route } from '../http/route.ts';
import type { OtlpMetricsRequest } from './otlp-model.ts';
import { translateOtlp } from './otlp-metrics.ts';
import { partialSuccess, type Rejection } from './partial-success.ts';
import { decodeOtlp } from './protobuf-otlp.ts';
import { translateSpans, type OtlpTracesRequest } from './otlp-traces.ts';
import { decodeOtlpTraces } from './protobuf-traces.ts';

const TAG = 'Ingestion';
const PROTOBUF = 'application/x-protobuf';

function droppedSamples(result: AppendResult): Rejection {
  // A sample that arrives a second time is no loss: its sender only made sure.
  const reasons = Object.entries(result.dropped).filter(([reason, count]) => reason !== 'duplicate' && count > 0);
  return {
    rejected: reasons.reduce((total, [, count]) => total + count, 0),
    reason: reasons.map(([reason, count]) => `${count} ${reason}`).join(', '),
  };
}

interface OtlpBody {
  readonly bytes: Uint8Array;
  readonly isProtobuf: boolean;
}

/** @throws ApiProblem `media_type_unsupported` | `body_too_large` | `body_malformed` | `encoding_unsupported` */
async function otlpBody(request: Request, { limits }: ApiContext): Promise<OtlpBody> {
  const type = mediaType(request);
  if (type !== 'application/json' && type !== PROTOBUF)
    throw new ApiProblem(
      'media_type_unsupported',
      `OTLP comes as application/json or ${PROTOBUF}, not ${type.slice(0, 80) || 'without a type'}.`,
      {
        hint: `Set Content-Type to application/json or ${PROTOBUF}.`,
      },
    );
  return { bytes: await readDecodedBytes(request, limits.ingestBodyBytes), isProtobuf: type === PROTOBUF };
}

/** Odd shapes deep inside a body show as type errors of whoever reads them. @throws ApiProblem `body_invalid` */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw new ApiProblem('body_invalid', 'The body is not an OTLP request of this kind.', { cause: error });
  }
}

export const ingestRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/metrics',
    tag: TAG,
    summary: 'Take OTLP metrics, as JSON or protobuf',
    description:
      'Acknowledged when on disk. Names keep no suffixes; `service.name` becomes `job`, `service.instance.id` becomes `instance`.',
    scope: 'ingest',
    lenient: true,
    bodyKind: 'bytes',
    handle: async ({ raw }, context) => {
      const { bytes, isProtobuf } = await otlpBody(raw, context);
      const translated = understood(() => {
        const request = isProtobuf ? decodeOtlp(bytes) : (parseJson(bytes) as OtlpMetricsRequest);
        return translateOtlp(request, { nowMs: context.engine.clock.nowMs(), memory: context.seriesMemory });
      });
      const dropped = droppedSamples(await context.engine.ingest(translated.series));
      const rejection = {
        rejected: translated.rejected + dropped.rejected,
        reason: [translated.reason, dropped.reason].filter((reason) => reason !== '').join('; '),
      };
      return partialSuccess(rejection, { field: 'rejectedDataPoints', isProtobuf });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/traces',
    tag: TAG,
    summary: 'Take OTLP traces, as JSON or protobuf',
    description:
      'Kept in memory for a while, slow and failed ones longest: see `GET /api/v1/performance/traces`. Of each span its name, kind, times and status are kept; attributes are not.',
    scope: 'ingest',
    lenient: true,
    bodyKind: 'bytes',
    handle: async ({ raw }, context) => {
      const { bytes, isProtobuf } = await otlpBody(raw, context);
      const { spans, rejected } = understood(() =>
        translateSpans(isProtobuf ? decodeOtlpTraces(bytes) : (parseJson(bytes) as OtlpTracesRequest)),
      );
      context.engine.traces.add(spans);
      return partialSuccess({ rejected, reason: 'ids or times are missing or malformed' }, { field: 'rejectedSpans', isProtobuf });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/write',
    tag: TAG,
    summary: 'Take Prometheus remote write 1.0',
    description: 'Acknowledged when on disk. A body of version 2.0 is refused with 415, so that senders fall back to 1.0.',
    scope: 'ingest',
    lenient: true,
    bodyKind: 'bytes',
    handle: async ({ raw }, context) => {
      const type = raw.headers.get('content-type') ?? '';
      if (mediaType(raw) !== PROTOBUF || /proto=io\.prometheus\.write\.v2/i.test(type))
        throw new ApiProblem('media_type_unsupported', `Remote write comes as ${PROTOBUF} in version 1.0.`, {
          hint: `Set Content-Type to ${PROTOBUF} without a proto parameter.`,
        });
      if ((raw.headers.get('content-encoding') ?? 'snappy').toLowerCase() !== 'snappy')
        throw new ApiProblem('encoding_unsupported', 'Remote write is compressed with snappy.', { hint: 'Send Content-Encoding: snappy.' });
      const compressed = await readBytes(raw, context.limits.ingestBodyBytes);
      const { batch, illegal, refused } = context.remoteWrite.decode(compressed, context.limits.ingestBodyBytes);
      const result = await context.engine.append(batch);
      const rejected = illegal + refused;
      return new Response(null, {
        status: 204,
        headers: {
          'x-prometheus-remote-write-samples-written': String(result.appended),
          ...(rejected > 0 ? { 'x-bellwether-rejected-samples': String(rejected) } : {}),
        },
      });
    },
  }),
];
