import type { LoadSeries } from './generate.ts';

/** Appends protobuf fields to a buffer that grows and is reused. */
class ProtobufBuffer {
  #bytes = Buffer.allocUnsafe(1 << 20);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
  varint(value: number): void {
    this.#ensure(10);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
  }
  double(value: number): void {
    this.#ensure(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }
  bytes(bytes: Uint8Array): void {
    this.#ensure(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  field(number: number, bytes: Uint8Array): void {
    this.varint((number << 3) | 2);
    this.varint(bytes.length);
    this.bytes(bytes);
  }
  #ensure(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + more) * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** The labels of a series as remote write sends them, sorted by name. */
function encodeLabels({ name, labels }: LoadSeries): Uint8Array {
  const series = new ProtobufBuffer();
  for (const [label, value] of Object.entries({ ...labels, __name__: name }).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const pair = new ProtobufBuffer();
    pair.field(1, Buffer.from(label));
    pair.field(2, Buffer.from(value));
    series.field(1, pair.written);
  }
  return Uint8Array.from(series.written);
}

/** Encodes one instant of a load as a remote write 1.0 request, not yet compressed: as Prometheus sends a scrape, one sample a series. */
export class WriteRequests {
  readonly #labels: readonly Uint8Array[];
  readonly #request = new ProtobufBuffer();
  readonly #sample = new ProtobufBuffer();

  constructor(load: readonly LoadSeries[]) {
    this.#labels = load.map(encodeLabels);
  }

  /** @returns a view that holds until the next call. */
  encode(atMs: number, values: Float64Array): Buffer {
    const request = this.#request;
    request.reset();
    for (let i = 0; i < this.#labels.length; i++) {
      const labels = this.#labels[i] as Uint8Array;
      this.#sample.reset();
      this.#sample.varint(0x09);
      this.#sample.double(values[i] as number);
      this.#sample.varint(0x10);
      this.#sample.varint(atMs);
      const sample = this.#sample.written;
      request.varint(0x0a);
      request.varint(labels.length + 2 + sample.length);
      request.bytes(labels);
      request.field(2, sample);
    }
    return request.written;
  }
}
