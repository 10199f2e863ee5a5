/**
 * Reads a prometheus.WriteRequest of remote write 1.0 straight into columns. Its senders repeat the labels of a series byte by byte with each
 * sample and mostly in the same order, so a series is recognised by those bytes, first of all as the one that followed the last time; only
 * what is new is decoded as text. Samples are read in place. A generic protobuf reader makes an object of each series and each sample, at
 * several times the cost.
 */
import type { SampleBatch } from '@bellwether/monitor/engine';
import type { LabelBytesMemory, RememberedSeries } from './label-bytes-memory.ts';

/** Fields of a request, a series and a sample: number × 8 + wire type. */
const SERIES = 0x0a;
const METADATA = 0x1a;
const LABEL = 0x0a;
const SAMPLE = 0x12;
const SAMPLE_VALUE = 0x09;
const SAMPLE_TIME = 0x10;
const TWO_28 = 2 ** 28;
const TWO_63 = 2 ** 63;

export interface WriteRequestVisitor {
  /** Told the bytes of each metadata message. */
  onMetadata(bytes: Uint8Array): void;
}

/** Columns of a request's samples that are reused from request to request. */
export class WriteRequestReader {
  readonly #memory: LabelBytesMemory;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #position = 0;
  #length = 0;
  #refs = new Uint32Array(1024);
  #timesMs = new Float64Array(1024);
  #values = new Float64Array(1024);
  /** Samples of series whose name or labels are not legal. */
  illegal = 0;
  /** Samples of new series that the store did not take. */
  refused = 0;

  constructor(memory: LabelBytesMemory) {
    this.#memory = memory;
  }

  /** Samples of the latest request; valid until the next. */
  get batch(): SampleBatch {
    return { length: this.#length, refs: this.#refs, timesMs: this.#timesMs, values: this.#values };
  }

  /** @throws RangeError for bytes that are no such request, or one cut short. */
  read(bytes: Uint8Array, visitor: WriteRequestVisitor): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = 0;
    this.#length = 0;
    this.illegal = 0;
    this.refused = 0;
    while (this.#position < bytes.length) {
      const tag = this.#varint();
      if (tag !== SERIES && tag !== METADATA) {
        this.#skip(tag, bytes.length);
        continue;
      }
      const end = this.#messageEnd(bytes.length);
      if (tag === SERIES) this.#series(end);
      else visitor.onMetadata(bytes.subarray(this.#position, end));
      this.#position = end;
    }
  }

  #series(end: number): void {
    const from = this.#position;
    while (this.#position < end && this.#bytes[this.#position] === LABEL) {
      this.#position++;
      this.#position = this.#messageEnd(end);
    }
    const series = this.#memory.find(this.#view, from, this.#position);
    const first = this.#length;
    let isLegal = true;
    while (this.#position < end) {
      const tag = this.#varint();
      if (tag === SAMPLE) this.#sample(series, this.#messageEnd(end));
      else {
        // Labels after samples: no sender does that, and their series would be another.
        if (tag === LABEL) isLegal = false;
        this.#skip(tag, end);
      }
    }
    const count = this.#length - first;
    if (series.ref !== undefined && isLegal) return;
    this.#length = first;
    if (series.isLegal && isLegal) this.refused += count;
    else this.illegal += count;
  }

  #sample(series: RememberedSeries, end: number): void {
    let value = 0;
    let atMs = 0;
    while (this.#position < end) {
      const tag = this.#bytes[this.#position++];
      if (tag === SAMPLE_VALUE && this.#position + 8 <= end) {
        value = this.#view.getFloat64(this.#position, true);
        this.#position += 8;
      } else if (tag === SAMPLE_TIME) {
        const time = this.#varint();
        // Before 1970: no store takes it, whichever instant it is.
        atMs = time >= TWO_63 ? -1 : time;
      } else {
        this.#position--;
        this.#skip(this.#varint(), end);
      }
    }
    if (this.#position !== end) throw new RangeError('A sample does not end where it says');
    if (this.#length === this.#refs.length) this.#grow();
    this.#refs[this.#length] = series.ref ?? 0;
    this.#timesMs[this.#length] = atMs;
    this.#values[this.#length++] = value;
  }

  /** Reads a length and gives where its message ends. */
  #messageEnd(limit: number): number {
    const end = this.#varint() + this.#position;
    if (!(end <= limit)) throw new RangeError('A message ends beyond what holds it');
    return end;
  }

  /** An unsigned number of up to 64 bits; beyond 2^53 to the nearest float. */
  #varint(): number {
    const bytes = this.#bytes;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[this.#position++];
      if (byte === undefined) throw new RangeError('A number is cut short');
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let high = 0;
    let scale = 1;
    for (let left = 6; left > 0; left--, scale *= 128) {
      const byte = bytes[this.#position++];
      if (byte === undefined) throw new RangeError('A number is cut short');
      high += (byte & 0x7f) * scale;
      if (byte < 0x80) return high * TWO_28 + low;
    }
    throw new RangeError('A number is longer than ten bytes');
  }

  #skip(tag: number, limit: number): void {
    const wireType = tag & 7;
    if (wireType === 0) this.#varint();
    else if (wireType === 1) this.#position += 8;
    else if (wireType === 2) this.#position = this.#messageEnd(limit);
    else if (wireType === 5) this.#position += 4;
    else throw new RangeError('A field is of an unknown kind');
    if (this.#position > limit) throw new RangeError('A field ends beyond what holds it');
  }

  #grow(): void {
    const size = this.#refs.length * 2;
    const refs = new Uint32Array(size);
    const timesMs = new Float64Array(size);
    const values = new Float64Array(size);
    refs.set(this.#refs);
    timesMs.set(this.#timesMs);
    values.set(this.#values);
    this.#refs = refs;
    this.#timesMs = timesMs;
    this.#values = values;
  }
}
