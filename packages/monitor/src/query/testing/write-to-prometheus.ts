import type { Labels } from '../../model/labels.ts';

/** The staleness marker, whose bits a JavaScript number need not keep. */
export const STALE: unique symbol = Symbol('stale');

/** Series for a test server, samples in order of time. */
export interface WrittenSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: readonly (readonly [atMs: number, value: number | typeof STALE])[];
}

/** Sends samples to a remote-write receiver (protocol 1.0), a slice of time after another, as an old server needs them. */
export async function writeToPrometheus(
  base: string,
  series: readonly WrittenSeries[],
  options: { readonly sliceMs?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const { sliceMs = 300_000 } = options;
  const times = series.flatMap(({ samples }) => samples.map(([atMs]) => atMs));
  const endMs = times.reduce((latest, atMs) => Math.max(latest, atMs), 0);
  for (let fromMs = times.reduce((first, atMs) => Math.min(first, atMs)); fromMs <= endMs; fromMs += sliceMs) {
    const slice = series.map((one) => ({ ...one, samples: one.samples.filter(([atMs]) => atMs >= fromMs && atMs < fromMs + sliceMs) }));
    const body = snappyLiterals(Buffer.concat(slice.filter(({ samples }) => samples.length > 0).map((one) => field(1, encodeSeries(one)))));
    const headers = {
      ...options.headers,
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    };
    const reply = await fetch(`${base}/api/v1/write`, { method: 'POST', body: new Uint8Array(body), headers });
    if (!reply.ok) throw new Error(`The receiver answered ${reply.status}: ${await reply.text()}`);
  }
}

function encodeSeries({ name, labels, samples }: WrittenSeries): Buffer {
  const pairs = Object.entries({ ...labels, __name__: name }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const encodedLabels = pairs.map(([label, value]) =>
    field(1, Buffer.concat([field(1, Buffer.from(label)), field(2, Buffer.from(value))])),
  );
  const encodedSamples = samples.map(([atMs, value]) => {
    const float = Buffer.alloc(9);
    float[0] = 0x09;
    if (value === STALE) float.writeBigUInt64LE(0x7ff0000000000002n, 1);
    else float.writeDoubleLE(value, 1);
    return field(2, Buffer.concat([float, Buffer.from([0x10]), varint(atMs)]));
  });
  return Buffer.concat([...encodedLabels, ...encodedSamples]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Snappy's block format without any compression: literals of 64 KiB. */
function snappyLiterals(bytes: Buffer): Buffer {
  const parts = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const part = bytes.subarray(at, at + 65_536);
    parts.push(Buffer.from([61 << 2, (part.length - 1) & 0xff, (part.length - 1) >> 8]), part);
  }
  return Buffer.concat(parts);
}
