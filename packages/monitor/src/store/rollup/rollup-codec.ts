import { ByteReader, ByteWriter, isIntact } from '../codec/byte-writer.ts';
import { ColumnEncoder, decodeTimes, decodeValues } from '../codec/value-column.ts';
import type { Buckets, RollupWidthMs } from './buckets.ts';

type Columns = Omit<Buckets, 'timesMs'>;

/**
 * What each column is when nothing else is said of it, in the order in which they are written: a column that is so throughout takes one
 * byte. So a counter costs count, last, first and sum, and a metric with one sample a bucket costs its values alone.
 */
const EXPECTED: readonly (readonly [keyof Columns, (known: Columns, i: number) => number])[] = [
  ['count', () => 1],
  ['last', () => 0],
  ['first', ({ last }, i) => last[i] as number],
  ['min', ({ first, last }, i) => Math.min(first[i] as number, last[i] as number)],
  ['max', ({ first, last }, i) => Math.max(first[i] as number, last[i] as number)],
  ['sum', ({ count, first, last }, i) => (count[i] === 1 ? (last[i] as number) : (first[i] as number) + (last[i] as number))],
  ['resets', () => 0],
  ['lost', () => 0],
];

/** Turns a day's buckets into a blob and back; keeps its working memory. The blob is described in docs/formats/samples.md. */
export class RollupEncoder {
  readonly #encoder = new ColumnEncoder();
  readonly #writer = new ByteWriter();

  /** @param buckets At least one. */
  encode(buckets: Buckets, widthMs: RollupWidthMs): Uint8Array<ArrayBuffer> {
    const { length } = buckets.timesMs;
    this.#writer.varint(length);
    this.#writer.blob(
      this.#encoder.encodeTimes(
        buckets.timesMs.map((atMs) => atMs / widthMs),
        length,
      ),
    );
    for (const [name, expected] of EXPECTED) {
      const column = buckets[name];
      if (column.every((value, i) => Object.is(value, expected(buckets, i)))) this.#writer.blob(new Uint8Array(0));
      else this.#writer.blob(this.#encoder.encodeValues(column, length));
    }
    return this.#writer.finish();
  }
}

/** `undefined` when the blob is damaged. */
export function decodeBuckets(blob: Uint8Array, widthMs: RollupWidthMs): Buckets | undefined {
  if (!isIntact(blob)) return undefined;
  const reader = new ByteReader(blob);
  const count = reader.varint();
  const range = { offset: 0, count };
  const timesMs = new Float64Array(count);
  if (!decodeTimes(reader.blob(), timesMs, range)) return undefined;
  const columns: Record<string, Float64Array> = {};
  for (const [name, expected] of EXPECTED) {
    const bytes = reader.blob();
    const column = new Float64Array(count);
    columns[name] = column;
    if (bytes.length === 0) for (let i = 0; i < count; i++) column[i] = expected(columns as unknown as Columns, i);
    else if (!decodeValues(bytes, column, range)) return undefined;
  }
  return { ...(columns as unknown as Columns), timesMs: timesMs.map((number) => number * widthMs) };
}
