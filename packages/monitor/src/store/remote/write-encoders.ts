/**
 * The bodies of Prometheus remote write, before compression. Version 1.0 repeats the labels of a series with its samples; 2.0 names each text
 * once a request and carries type, unit and help beside the samples. A series' labels are encoded once and remembered.
 */
import { PbfWriter } from 'pbf';
import type { Labels } from '../../model/labels.ts';
import type { MetricKind, MetricMeta, SeriesDescriptor } from '../../model/metric.ts';

/** Samples of one series, in order of time. */
export interface OutgoingSeries {
  readonly ref: number;
  readonly timesMs: number[];
  readonly values: number[];
}

export interface SeriesNames {
  describe(ref: number): SeriesDescriptor | undefined;
  metadata(): ReadonlyMap<string, MetricMeta>;
}

const BYTES = 2;
const TYPE: Readonly<Record<MetricKind, number>> = { unknown: 0, counter: 1, gauge: 2, histogram: 3 };
const MOST_REMEMBERED = 200_000;

type Pairs = readonly (readonly [name: string, value: string])[];

/** Label pairs as receivers want them: `__name__` among them, sorted, none empty. The series' own win over those added. */
function pairsOf({ name, labels }: SeriesDescriptor, added: Labels): Pairs {
  return Object.entries({ ...added, ...labels, __name__: name })
    .filter(([, value]) => value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function addBytes(writer: PbfWriter, bytes: Uint8Array): void {
  writer.realloc(bytes.length);
  writer.buf.set(bytes, writer.pos);
  writer.pos += bytes.length;
}

function writeSamples(field: number, { timesMs, values }: OutgoingSeries, writer: PbfWriter): void {
  for (const [i, atMs] of timesMs.entries()) {
    writer.writeTag(field, BYTES);
    writer.writeVarint(9 + 1 + varintLength(atMs));
    writer.writeTag(1, 1);
    writer.writeDouble(0);
    // Bit for bit: a marker of staleness is a NaN among others.
    writer.dataView.setFloat64(writer.pos - 8, values[i] as number, true);
    writer.writeTag(2, 0);
    writer.writeVarint(atMs);
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Makes bodies of both versions. */
export class WriteEncoder {
  readonly #names: SeriesNames;
  readonly #added: Labels;
  readonly #labels = new Map<number, Uint8Array>();
  readonly #told = new Map<string, MetricMeta>();

  constructor(names: SeriesNames, added: Labels) {
    this.#names = names;
    this.#added = added;
  }

  /** Lets the next bodies say the metadata of every metric again. */
  tellAgain(): void {
    this.#told.clear();
  }

  /** A body of version 1.0. Metadata goes with the first samples of a metric and when it has changed. */
  encode1(series: readonly OutgoingSeries[]): Uint8Array {
    const writer = new PbfWriter();
    for (const one of series) {
      const labels = this.#labelBytes(one.ref);
      if (labels === undefined) continue;
      writer.writeMessage(1, (_: undefined, inner: PbfWriter) => (addBytes(inner, labels), writeSamples(2, one, inner)), undefined);
    }
    const metadata = this.#names.metadata();
    for (const { ref } of series) {
      const name = this.#names.describe(ref)?.name ?? '';
      const meta = metadata.get(name);
      if (meta === undefined || this.#told.get(name) === meta) continue;
      this.#told.set(name, meta);
      const write = (_: undefined, inner: PbfWriter): void => {
        inner.writeVarintField(1, TYPE[meta.kind]);
        inner.writeStringField(2, name);
        inner.writeStringField(4, meta.help);
        inner.writeStringField(5, meta.unit);
      };
      writer.writeMessage(3, write, undefined);
    }
    return writer.finish();
  }

  /** A body of version 2.0. */
  encode2(series: readonly OutgoingSeries[]): Uint8Array {
    const numbers = new Map<string, number>([['', 0]]);
    const numberOf = (text: string): number => {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, numbers.size);
      return numbers.size - 1;
    };
    const metadata = this.#names.metadata();
    const writer = new PbfWriter();
    const writeSeries = (one: OutgoingSeries, inner: PbfWriter): void => {
      const described = this.#names.describe(one.ref);
      if (described === undefined) return;
      inner.writePackedVarint(
        1,
        pairsOf(described, this.#added).flatMap(([name, value]) => [numberOf(name), numberOf(value)]),
      );
      writeSamples(2, one, inner);
      const meta = metadata.get(described.name);
      if (meta === undefined) return;
      const write = (_: undefined, innermost: PbfWriter): void => {
        innermost.writeVarintField(1, TYPE[meta.kind]);
        innermost.writeVarintField(3, numberOf(meta.help));
        innermost.writeVarintField(4, numberOf(meta.unit));
      };
      inner.writeMessage(5, write, undefined);
    };
    for (const one of series) if (this.#names.describe(one.ref) !== undefined) writer.writeMessage(5, writeSeries, one);
    for (const text of numbers.keys()) writer.writeStringField(4, text);
    return writer.finish();
  }

  #labelBytes(ref: number): Uint8Array | undefined {
    const known = this.#labels.get(ref);
    if (known !== undefined) return known;
    const described = this.#names.describe(ref);
    if (described === undefined) return undefined;
    const writer = new PbfWriter();
    for (const pair of pairsOf(described, this.#added)) writer.writeMessage(1, writePair, pair);
    const bytes = Uint8Array.from(writer.finish());
    if (this.#labels.size >= MOST_REMEMBERED) this.#labels.clear();
    this.#labels.set(ref, bytes);
    return bytes;
  }
}

function writePair([name, value]: readonly [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeStringField(2, value);
}
