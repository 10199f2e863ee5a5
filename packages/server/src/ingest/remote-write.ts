/**
 * Prometheus remote write 1.0: a snappy-compressed protobuf WriteRequest. Its senders write the labels of a series before its samples, and
 * the same bytes each time, so those bytes as they lie are the key by which a series is known again. Metadata comes in messages of its own
 * now and then. Stale markers pass through: they are values like any other to the store.
 */
import { isLabelName, isMetricName, type IncomingSeries, type MetricKind, type MetricMeta } from '@bellwether/monitor/engine';
import type { PbfReader } from 'pbf';
import { uncompress } from 'snappyjs';
import { ApiProblem } from '../http/problem.ts';
import type { KnownSeries, SeriesMemory } from './series-memory.ts';
import { StrictReader } from './strict-reader.ts';

const KINDS: readonly MetricKind[] = ['unknown', 'counter', 'gauge', 'histogram'];
const HINT = 'Send a prometheus.WriteRequest of version 1.0, compressed with snappy in its block format.';
/** Field 1, length-delimited. */
const LABEL_TAG = 0x0a;

export interface RemoteWrite {
  readonly series: readonly IncomingSeries[];
  /** Samples of series with an illegal or missing name. */
  readonly rejected: number;
}

interface DraftSeries {
  isLegal: boolean;
  readonly timesMs: number[];
  readonly values: number[];
}

function readLabel(tag: number, label: { name: string; value: string }, pbf: PbfReader): void {
  if (tag === 1) label.name = pbf.readString();
  else if (tag === 2) label.value = pbf.readString();
}

function readLabels(bytes: Uint8Array): KnownSeries | undefined {
  const labels: Record<string, string> = {};
  let metric = '';
  let isLegal = true;
  new StrictReader(bytes).readFields((_tag, _result, pbf) => {
    const { name, value } = pbf.readMessage(readLabel, { name: '', value: '' });
    if (name === '__name__') metric = value;
    else if (isLabelName(name)) labels[name] = value;
    else isLegal = false;
  }, undefined);
  return isLegal && isMetricName(metric) ? { name: metric, labels } : undefined;
}

interface DraftSample {
  value: number;
  atMs: number;
}
function readSample(tag: number, sample: DraftSample, pbf: PbfReader): void {
  if (tag === 1) sample.value = pbf.readDouble();
  else if (tag === 2) sample.atMs = pbf.readVarint(true);
}

/** What follows the labels. */
function readSamples(tag: number, series: DraftSeries, pbf: PbfReader): void {
  if (tag === 1) series.isLegal = false;
  if (tag !== 2) return;
  const { atMs, value } = pbf.readMessage(readSample, { value: 0, atMs: 0 });
  series.timesMs.push(atMs);
  series.values.push(value);
}

interface DraftMeta {
  name: string;
  kind: number;
  help: string;
  unit: string;
}
function readMeta(tag: number, meta: DraftMeta, pbf: PbfReader): void {
  if (tag === 1) meta.kind = pbf.readVarint();
  else if (tag === 2) meta.name = pbf.readString();
  else if (tag === 4) meta.help = pbf.readString();
  else if (tag === 5) meta.unit = pbf.readString();
}

/** Moves past the labels at the reader's place; returns where they end. */
function skipLabels(pbf: PbfReader, end: number): number {
  while (pbf.pos < end && pbf.buf[pbf.pos] === LABEL_TAG) {
    pbf.pos++;
    const length = pbf.readVarint();
    pbf.pos += length;
  }
  return pbf.pos;
}

class Decoding {
  readonly series: IncomingSeries[] = [];
  readonly metadata = new Map<string, MetricMeta>();
  rejected = 0;
  readonly #bytes: Buffer;
  readonly #memory: SeriesMemory;

  constructor(bytes: Uint8Array, memory: SeriesMemory) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#memory = memory;
  }

  read(): void {
    new StrictReader(this.#bytes).readFields((tag, _result, pbf) => {
      if (tag === 1) this.#series(pbf);
      else if (tag === 3) this.#meta(pbf);
    }, undefined);
  }

  #series(pbf: PbfReader): void {
    const length = pbf.readVarint();
    const from = pbf.pos;
    const end = from + length;
    const to = skipLabels(pbf, end);
    if (!(to <= end && end <= pbf.length)) throw new RangeError('A series ends beyond the body');
    const known = this.#memory.resolve(this.#bytes.toString('latin1', from, to), () => readLabels(this.#bytes.subarray(from, to)));
    const { isLegal, timesMs, values } = pbf.readFields(readSamples, { isLegal: known !== undefined, timesMs: [], values: [] }, end);
    if (known === undefined || !isLegal) this.rejected += values.length;
    else if (values.length > 0) this.series.push({ name: known.name, labels: known.labels, timesMs, values });
  }

  #meta(pbf: PbfReader): void {
    const { name, kind, help, unit } = pbf.readMessage(readMeta, { name: '', kind: 0, help: '', unit: '' });
    this.metadata.set(name, { kind: KINDS[kind] ?? 'unknown', help, unit });
  }
}

function unsnap(bytes: Uint8Array, limitBytes: number): Uint8Array {
  try {
    return uncompress(bytes, limitBytes);
  } catch (error) {
    const isTooLarge = error instanceof Error && /length/i.test(error.message) && !/invalid/i.test(error.message);
    if (isTooLarge) throw new ApiProblem('body_too_large', `The body is larger than ${limitBytes} bytes once decompressed.`);
    throw new ApiProblem('body_malformed', 'The body is not valid snappy (block format).', { hint: HINT, cause: error });
  }
}

/**
 * Decodes a request.
 * @param options `limitBytes` of the decompressed body.
 * @throws ApiProblem `body_malformed` | `body_too_large`
 */
export function decodeRemoteWrite(
  compressed: Uint8Array,
  options: { readonly limitBytes: number; readonly memory: SeriesMemory },
): RemoteWrite {
  const decoding = new Decoding(unsnap(compressed, options.limitBytes), options.memory);
  try {
    decoding.read();
  } catch (error) {
    throw new ApiProblem('body_malformed', 'The body is not a WriteRequest.', { hint: HINT, cause: error });
  }
  const { metadata, rejected } = decoding;
  if (metadata.size === 0) return { series: decoding.series, rejected };
  const described = decoding.series.map((one) => {
    const meta = metadata.get(one.name);
    return meta === undefined ? one : { ...one, meta };
  });
  return { series: described, rejected };
}
