import type { SeriesRef } from '../model/sample-batch.ts';
import { ByteReader, isIntact, type ByteWriter } from './codec/byte-writer.ts';
import { readSummary, readTimes, writeSummary, writeTimes, type Chunk, type TimeColumn } from './codec/chunk-record.ts';

export interface SealedChunk {
  readonly ref: SeriesRef;
  readonly chunk: Chunk;
}

/** Chunks sealed since the last commit as one blob: the distinct time columns, then a record per chunk. */
export function encodeSealedRow(sealed: readonly SealedChunk[], writer: ByteWriter): Uint8Array<ArrayBuffer> {
  const columns = new Map<TimeColumn, number>();
  for (const { chunk } of sealed) if (!columns.has(chunk.times)) columns.set(chunk.times, columns.size);
  writer.varint(columns.size);
  for (const column of columns.keys()) writeTimes(writer, column);
  writer.varint(sealed.length);
  let previous = 0;
  for (const { ref, chunk } of sealed) {
    writer.signed(ref - previous);
    writer.varint(columns.get(chunk.times) as number);
    writeSummary(writer, chunk.summary);
    writer.blob(chunk.valueBytes);
    previous = ref;
  }
  return writer.finish();
}

/** The chunks of a row; their bytes are views of `blob`. `undefined` when the row is damaged. */
export function decodeSealedRow(blob: Uint8Array, row: number): SealedChunk[] | undefined {
  if (!isIntact(blob)) return undefined;
  const reader = new ByteReader(blob);
  const columns = Array.from({ length: reader.varint() }, () => readTimes(reader));
  const sealed: SealedChunk[] = [];
  let ref = 0;
  for (let left = reader.varint(); left > 0; left--) {
    ref += reader.signed();
    const times = columns[reader.varint()];
    const summary = readSummary(reader);
    const valueBytes = reader.blob();
    if (times === undefined) return undefined;
    sealed.push({ ref, chunk: { times, summary, valueBytes, row } });
  }
  return sealed;
}
