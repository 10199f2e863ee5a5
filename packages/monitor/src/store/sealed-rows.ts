import { ByteReader, ByteWriter, isIntact } from './codec/byte-writer.ts';
import { ChunkSealer, readSummary, readTimes, writeSummary, writeTimes, type Chunk, type TimeColumn } from './codec/chunk-record.ts';
import type { BlobRow } from './samples-database.ts';

/** Where a chunk lies: 2^32 times the place of its row in memory plus its offset in the row. A number, since there are very many of them. */
export type ChunkAddress = number;

interface Row {
  /** Its number on disk. */
  readonly id: number;
  /** The whole blob; of the open row what is written so far. */
  bytes: Uint8Array;
  readonly columns: TimeColumn[];
  startMs: number;
  endMs: number;
}

/** The row that what is sealed now goes into. */
interface OpenRow {
  readonly place: number;
  readonly row: Row;
  readonly columns: Map<TimeColumn, number>;
  lastRef: number;
}

const OFFSETS = 2 ** 32;
/** A record that is a time column; other records begin with the number of their column, from 1 on. */
const COLUMN = 0;

/**
 * The chunks sealed since the last compaction, kept as the blobs that lie on disk: a row is what one commit sealed, a sequence of records,
 * each a time column or a chunk that names one. Memory holds eight bytes a chunk beside its encoded bytes; a chunk is decoded from its
 * row when it is read. A row survives as it is on disk.
 */
export class SealedRows {
  readonly #rows: (Row | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #sealer = new ChunkSealer();
  readonly #writer = new ByteWriter();
  #open: OpenRow | undefined;
  #nextId = 1;

  /** Number of the newest row that is closed; 0 when there is none. */
  get lastId(): number {
    return this.#nextId - 1 - (this.#open === undefined ? 0 : 1);
  }

  /** Encodes samples as a chunk of the open row. @param samples `count` ≥ 1 whole, strictly increasing instants and their values. */
  seal(ref: number, samples: { readonly timesMs: Float64Array; readonly values: Float64Array; readonly count: number }): ChunkAddress {
    const open = (this.#open ??= this.#begin());
    const { times, summary, valueBytes } = this.#sealer.seal(samples.timesMs, samples.values, samples.count);
    const writer = this.#writer;
    let column = open.columns.get(times);
    if (column === undefined) {
      addColumn(open.row, times);
      open.columns.set(times, (column = open.row.columns.length));
      writer.varint(COLUMN);
      writeTimes(writer, times);
    }
    const address = open.place * OFFSETS + writer.length;
    writer.varint(column);
    writer.signed(ref - open.lastRef);
    writeSummary(writer, summary);
    writer.blob(valueBytes);
    open.lastRef = ref;
    return address;
  }

  /** Closes the open row and gives it to be written; `undefined` when nothing was sealed. */
  finish(): BlobRow | undefined {
    if (this.#open === undefined) return undefined;
    const { row } = this.#open;
    row.bytes = this.#writer.finish();
    this.#open = undefined;
    return { id: row.id, data: row.bytes };
  }

  /** Takes a row from disk, telling of each chunk. @returns `false` when it is damaged: then nothing was told. */
  load({ id, data }: BlobRow, visit: (ref: number, address: ChunkAddress, times: TimeColumn) => void): boolean {
    this.#nextId = Math.max(this.#nextId, id + 1);
    if (!isIntact(data)) return false;
    const row: Row = { id, bytes: data, columns: [], startMs: Infinity, endMs: 0 };
    const place = this.#place(row);
    const reader = new ByteReader(data);
    let ref = 0;
    while (!reader.isAtEnd) {
      const offset = reader.position;
      const column = reader.varint();
      if (column === COLUMN) {
        addColumn(row, readTimes(reader));
        continue;
      }
      ref += reader.signed();
      readSummary(reader);
      reader.blob();
      const times = row.columns[column - 1];
      if (times !== undefined) visit(ref, place * OFFSETS + offset, times);
    }
    return true;
  }

  /** Its bytes are a view of the row, which holds until the next chunk is sealed. */
  chunk(address: ChunkAddress): Chunk {
    const row = this.#rowOf(address);
    const reader = new ByteReader(row.id === this.#open?.row.id ? this.#writer.written : row.bytes, address % OFFSETS);
    const times = row.columns[reader.varint() - 1] as TimeColumn;
    reader.signed();
    return { times, summary: readSummary(reader), valueBytes: reader.blob() };
  }

  /** The times of a chunk, cheaper than the chunk. */
  times(address: ChunkAddress): TimeColumn {
    const row = this.#rowOf(address);
    const bytes = row.id === this.#open?.row.id ? this.#writer.written : row.bytes;
    return row.columns[new ByteReader(bytes, address % OFFSETS).varint() - 1] as TimeColumn;
  }

  /** Number of the row that a chunk is in. */
  rowId(address: ChunkAddress): number {
    return this.#rowOf(address).id;
  }

  /** The newest of the oldest rows that hold nothing after an instant; 0 when there is none. */
  lastEndingBefore(atMs: number): number {
    const rows = this.#rows.filter((row) => row !== undefined).toSorted((a, b) => a.id - b.id);
    let last = 0;
    for (const { id, endMs } of rows) {
      if (endMs >= atMs || id > this.lastId) break;
      last = id;
    }
    return last;
  }

  /** Oldest instant of any row, `Infinity` without rows. */
  get oldestAtMs(): number {
    return this.#rows.reduce((oldest, row) => Math.min(oldest, row?.startMs ?? Infinity), Infinity);
  }

  /** Newest instant of the oldest row, `undefined` without rows. */
  get oldestRowEndMs(): number | undefined {
    let oldest: Row | undefined;
    for (const row of this.#rows) if (row !== undefined && (oldest === undefined || row.id < oldest.id)) oldest = row;
    return oldest?.endMs;
  }

  /** Forgets rows up to a number: their chunks must not be asked for again. */
  forgetUpTo(id: number): void {
    for (const [place, row] of this.#rows.entries()) {
      if (row === undefined || row.id > id) continue;
      this.#rows[place] = undefined;
      this.#free.push(place);
    }
  }

  #begin(): OpenRow {
    const row: Row = { id: this.#nextId++, bytes: new Uint8Array(0), columns: [], startMs: Infinity, endMs: 0 };
    return { place: this.#place(row), row, columns: new Map(), lastRef: 0 };
  }

  #place(row: Row): number {
    const place = this.#free.pop() ?? this.#rows.length;
    this.#rows[place] = row;
    return place;
  }

  #rowOf(address: ChunkAddress): Row {
    return this.#rows[Math.floor(address / OFFSETS)] as Row;
  }
}

function addColumn(row: Row, times: TimeColumn): void {
  row.columns.push(times);
  row.startMs = Math.min(row.startMs, times.startMs);
  row.endMs = Math.max(row.endMs, times.endMs);
}
