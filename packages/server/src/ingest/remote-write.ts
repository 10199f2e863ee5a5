/**
 * Prometheus remote write 1.0: a snappy-compressed protobuf WriteRequest. Series come with their labels sorted and `__name__` among them;
 * metadata comes in messages of its own now and then. Stale markers pass through: they are values like any other to the store.
 */
import { isLabelName, isMetricName, type IncomingSeries, type MetricKind, type MetricMeta } from '@bellwether/monitor/engine';
import type { PbfReader } from 'pbf';
import { uncompress } from 'snappyjs';
import { ApiProblem } from '../http/problem.ts';
import { StrictReader } from './strict-reader.ts';

const KINDS: readonly MetricKind[] = ['unknown', 'counter', 'gauge', 'histogram'];

interface DraftSeries {
  readonly labels: Record<string, string>;
  name: string;
  isValid: boolean;
  readonly timesMs: number[];
  readonly values: number[];
}

export interface RemoteWrite {
  readonly series: readonly IncomingSeries[];
  /** Samples of series with an illegal or missing name. */
  readonly rejected: number;
}

function readLabel(tag: number, label: { name: string; value: string }, pbf: PbfReader): void {
  if (tag === 1) label.name = pbf.readString();
  else if (tag === 2) label.value = pbf.readString();
}

function readSample(tag: number, sample: { value: number; atMs: number }, pbf: PbfReader): void {
  if (tag === 1) sample.value = pbf.readDouble();
  else if (tag === 2) sample.atMs = pbf.readVarint(true);
}

function readSeries(tag: number, series: DraftSeries, pbf: PbfReader): void {
  if (tag === 1) {
    const { name, value } = pbf.readMessage(readLabel, { name: '', value: '' });
    if (name === '__name__') series.name = value;
    else if (isLabelName(name)) series.labels[name] = value;
    else series.isValid = false;
  } else if (tag === 2) {
    const { atMs, value } = pbf.readMessage(readSample, { value: 0, atMs: 0 });
    series.timesMs.push(atMs);
    series.values.push(value);
  }
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

interface DraftRequest {
  readonly series: DraftSeries[];
  readonly metadata: Map<string, MetricMeta>;
}
function readRequest(tag: number, request: DraftRequest, pbf: PbfReader): void {
  if (tag === 1) {
    const series: DraftSeries = { labels: {}, name: '', isValid: true, timesMs: [], values: [] };
    request.series.push(pbf.readMessage(readSeries, series));
  } else if (tag === 3) {
    const { name, kind, help, unit } = pbf.readMessage(readMeta, { name: '', kind: 0, help: '', unit: '' });
    request.metadata.set(name, { kind: KINDS[kind] ?? 'unknown', help, unit });
  }
}

function unsnap(bytes: Uint8Array, limitBytes: number): Uint8Array {
  try {
    return uncompress(bytes, limitBytes);
  } catch (error) {
    const isTooLarge = error instanceof Error && /length/i.test(error.message) && !/invalid/i.test(error.message);
    if (isTooLarge) throw new ApiProblem('body_too_large', `The body is larger than ${limitBytes} bytes once decompressed.`);
    throw new ApiProblem('body_malformed', 'The body is not valid snappy (block format).', { cause: error });
  }
}

/**
 * Decodes a request.
 * @param limitBytes of the decompressed body.
 * @throws ApiProblem `body_malformed` | `body_too_large`
 */
export function decodeRemoteWrite(compressed: Uint8Array, limitBytes: number): RemoteWrite {
  const bytes = unsnap(compressed, limitBytes);
  const request: DraftRequest = { series: [], metadata: new Map() };
  try {
    new StrictReader(bytes).readFields(readRequest, request);
  } catch (error) {
    throw new ApiProblem('body_malformed', 'The body is not a WriteRequest.', { cause: error });
  }
  let rejected = 0;
  const series = request.series.flatMap(({ name, labels, isValid, timesMs, values }): IncomingSeries[] => {
    if (!isValid || !isMetricName(name)) {
      rejected += values.length;
      return [];
    }
    const meta = request.metadata.get(name);
    return values.length === 0 ? [] : [{ name, labels, timesMs, values, ...(meta === undefined ? {} : { meta }) }];
  });
  return { series, rejected };
}
