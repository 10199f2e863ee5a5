import { PbfWriter } from 'pbf';

/** What an OTLP receiver could not keep: `rejected` points or spans, and why. None rejected is a full success. */
export interface Rejection {
  readonly rejected: number;
  readonly reason: string;
}

function protobufAnswer({ rejected, reason }: Rejection): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter();
  if (rejected > 0) {
    pbf.writeMessage(
      1,
      (partial: Rejection, inner) => {
        inner.writeVarintField(1, partial.rejected);
        inner.writeStringField(2, partial.reason);
      },
      { rejected, reason },
    );
  }
  return new Uint8Array(pbf.finish());
}

/** OTLP's answer in the encoding of the request. @param field name of the count in JSON. */
export function partialSuccess(rejection: Rejection, options: { readonly field: string; readonly isProtobuf: boolean }): Response {
  if (options.isProtobuf) return new Response(protobufAnswer(rejection), { headers: { 'content-type': 'application/x-protobuf' } });
  const body =
    rejection.rejected === 0 ? {} : { partialSuccess: { [options.field]: String(rejection.rejected), errorMessage: rejection.reason } };
  return Response.json(body);
}
