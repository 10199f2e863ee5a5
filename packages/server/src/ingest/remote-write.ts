/**
 * Prometheus remote write 1.0: a snappy-compressed protobuf WriteRequest. Stale markers pass through: they are values like any other to
 * the store. Metadata comes in messages of its own now and then.
 */
import { isLabelName, isMetricName, redactLabels, type MetricKind, type SampleBatch, type SampleStore } from '@bellwether/monitor/engine';
import type { PbfReader } from 'pbf';
import { ApiProblem } from '../http/problem.ts';
import { LabelBytesMemory, type RememberedSeries } from './label-bytes-memory.ts';
import { StrictReader } from './strict-reader.ts';
import { unsnap } from './unsnap.ts';
import { WriteRequestReader } from './write-request.ts';

const KINDS: readonly MetricKind[] = ['unknown', 'counter', 'gauge', 'histogram'];
export const REMOTE_WRITE_HINT = 'Send a prometheus.WriteRequest of version 1.0, compressed with snappy in its block format.';

export interface RemoteWrite {
  /** Valid until the next request is decoded. */
  readonly batch: SampleBatch;
  /** Samples of series with an illegal or missing name. */
  readonly illegal: number;
  /** Samples of new series beyond the store's limits. */
  readonly refused: number;
}

function readLabel(tag: number, label: { name: string; value: string }, pbf: PbfReader): void {
  if (tag === 1) label.name = pbf.readString();
  else if (tag === 2) label.value = pbf.readString();
}

function readLabels(bytes: Uint8Array): { readonly name: string; readonly labels: Record<string, string> } | undefined {
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

/** Decodes requests for one store, whose series it remembers by their bytes. */
export class RemoteWriteDecoder {
  readonly #store: SampleStore;
  readonly #reader: WriteRequestReader;
  readonly #memory: LabelBytesMemory;
  /** Of the store when the numbers in memory were asked for. */
  #generation: number | undefined;

  constructor(store: SampleStore) {
    this.#store = store;
    this.#memory = new LabelBytesMemory((bytes) => this.#resolve(bytes));
    this.#reader = new WriteRequestReader(this.#memory);
  }

  /**
   * Decodes a request.
   * @param limitBytes Of the decompressed body.
   * @throws ApiProblem `body_malformed` | `body_too_large`
   */
  decode(compressed: Uint8Array, limitBytes: number): RemoteWrite {
    const bytes = unsnap(compressed, limitBytes);
    if (this.#generation !== this.#store.generation) this.#memory.clear();
    this.#generation = this.#store.generation;
    try {
      this.#reader.read(bytes, { onMetadata: (message) => this.#declare(message) });
    } catch (error) {
      throw new ApiProblem('body_malformed', 'The body is not a WriteRequest.', { hint: REMOTE_WRITE_HINT, cause: error });
    }
    const { batch, illegal, refused } = this.#reader;
    return { batch, illegal, refused };
  }

  #resolve(bytes: Uint8Array): RememberedSeries {
    const series = readLabels(bytes);
    if (series === undefined) return { ref: undefined, isLegal: false };
    return { ref: this.#store.ref({ name: series.name, labels: redactLabels(series.labels) }), isLegal: true };
  }

  #declare(message: Uint8Array): void {
    const { name, kind, help, unit } = new StrictReader(message).readFields(readMeta, { name: '', kind: 0, help: '', unit: '' });
    if (isMetricName(name)) this.#store.declare?.(name, { kind: KINDS[kind] ?? 'unknown', help, unit });
  }
}
