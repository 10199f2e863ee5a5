import { ByteReader, ByteWriter, isIntact } from './codec/byte-writer.ts';
import { readSummary, writeSummary, type Chunk, type TimeColumn } from './codec/chunk-record.ts';
import type { BlockTables } from './block-tables.ts';
import type { StoredSeries } from './stored-series.ts';

/** A block as memory keeps it; its samples stay on disk until they are read. */
interface Block {
  readonly id: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly samples: number;
  /** Numbers of its series, ascending. */
  readonly refs: Uint32Array;
}

/** Which series are in a block and where each ends. */
export interface BlockMember {
  readonly ref: number;
  readonly endMs: number;
}

const REMEMBERED_TIMES = 256;

/**
 * Long chunks on disk, one per series and block. A block is what one compaction took, so blocks and the chunks still in memory never
 * overlap within a series, and a later block holds later samples. Memory holds 4 bytes a series and block.
 */
export class BlockStore {
  readonly #tables: BlockTables;
  readonly #onDamage: (what: string) => void;
  readonly #blocks: Block[] = [];
  readonly #times = new Map<string, TimeColumn>();

  constructor(tables: BlockTables, onDamage: (what: string) => void) {
    this.#tables = tables;
    this.#onDamage = onDamage;
  }

  /** Reads the list of blocks. @param visit Told each series' end in each block, oldest block first. */
  load(visit: (member: BlockMember) => void): void {
    this.#tables.removeUnfinished();
    for (const { id, startMs, endMs, samples, members } of this.#tables.list()) {
      const decoded = decodeMembers(members, endMs);
      if (decoded === undefined) {
        this.#onDamage(`The list of series of block ${id} is damaged: its samples are lost`);
        continue;
      }
      for (const member of decoded) visit(member);
      this.add({ id, startMs, endMs, samples, refs: Uint32Array.from(decoded, ({ ref }) => ref) });
    }
  }

  get nextId(): number {
    return (this.#blocks.at(-1)?.id ?? 0) + 1;
  }
  get samples(): number {
    return this.#blocks.reduce((sum, block) => sum + block.samples, 0);
  }
  get oldestAtMs(): number {
    return this.#blocks.reduce((oldest, block) => Math.min(oldest, block.startMs), Infinity);
  }

  add(block: Block): void {
    this.#blocks.push(block);
  }

  /** Blocks of which every series says that it needs nothing up to the block's end any more. */
  expired(isDone: (ref: number, endMs: number) => boolean): readonly number[] {
    return this.#blocks.filter(({ refs, endMs }) => refs.every((ref) => isDone(ref, endMs))).map(({ id }) => id);
  }
  /** The block to give up first when there is no room. */
  get oldest(): { readonly id: number; readonly endMs: number } | undefined {
    return this.#blocks[0];
  }
  /** @returns how many samples were in them. */
  forget(ids: readonly number[]): number {
    const before = this.samples;
    const kept = this.#blocks.filter(({ id }) => !ids.includes(id));
    this.#blocks.splice(0, this.#blocks.length, ...kept);
    return before - this.samples;
  }

  /** Whether a series has a chunk in any block. */
  has(ref: number): boolean {
    return this.#blocks.some(({ refs }) => isMember(refs, ref));
  }

  /** The series' chunks that overlap the window, oldest first. Damaged ones are left out and reported. */
  *chunks(series: StoredSeries, fromMs: number, toMs: number): Generator<Chunk> {
    for (const block of this.#blocks) {
      if (block.endMs < fromMs || block.startMs > toMs || !isMember(block.refs, series.ref)) continue;
      const chunk = this.#chunk(block.id, series.ref);
      if (chunk === undefined) this.#onDamage(`A damaged chunk of ${series.name} was left out of a query`);
      else if (chunk.times.endMs >= fromMs && chunk.times.startMs <= toMs) yield chunk;
    }
  }

  #chunk(block: number, ref: number): Chunk | undefined {
    try {
      const blob = this.#tables.chunk(block, ref);
      return blob === undefined || !isIntact(blob) ? undefined : this.#decode(block, new ByteReader(blob));
    } catch {
      return undefined;
    }
  }

  #decode(block: number, reader: ByteReader): Chunk {
    const column = reader.varint();
    const count = reader.varint();
    const startMs = reader.varint();
    const endMs = startMs + reader.varint();
    const summary = readSummary(reader);
    const key = `${block}/${column}`;
    let times = this.#times.get(key);
    if (times === undefined) {
      if (this.#times.size >= REMEMBERED_TIMES) this.#times.clear();
      times = new TimesOnDisk({ count, startMs, endMs }, () => this.#tables.times(block, column));
      this.#times.set(key, times);
    }
    return { times, summary, valueBytes: reader.blob() };
  }
}

/** A time column that is read from disk only when somebody decodes it. Damaged or missing ones have no bytes. */
class TimesOnDisk implements TimeColumn {
  readonly count: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly #load: () => Uint8Array | undefined;
  #bytes: Uint8Array | undefined;

  constructor(span: { readonly count: number; readonly startMs: number; readonly endMs: number }, load: () => Uint8Array | undefined) {
    this.count = span.count;
    this.startMs = span.startMs;
    this.endMs = span.endMs;
    this.#load = load;
  }
  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      const blob = this.#load();
      this.#bytes = blob === undefined || !isIntact(blob) ? new Uint8Array(0) : new ByteReader(blob).blob();
    }
    return this.#bytes;
  }
}

/** A chunk as a row of `chunks`: which time column of its block, its span, its header, its values. */
export function encodeBlockChunk(writer: ByteWriter, column: number, chunk: Chunk): Uint8Array<ArrayBuffer> {
  const { count, startMs, endMs } = chunk.times;
  writer.varint(column);
  writer.varint(count);
  writer.varint(startMs);
  writer.varint(endMs - startMs);
  writeSummary(writer, chunk.summary);
  writer.blob(chunk.valueBytes);
  return writer.finish();
}

/** @param members Ascending by `ref`. */
export function encodeMembers(members: readonly BlockMember[], endMs: number): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.varint(members.length);
  let previous = 0;
  for (const member of members) {
    writer.varint(member.ref - previous);
    writer.varint(endMs - member.endMs);
    previous = member.ref;
  }
  return writer.finish();
}

function decodeMembers(blob: Uint8Array, endMs: number): BlockMember[] | undefined {
  if (!isIntact(blob)) return undefined;
  const reader = new ByteReader(blob);
  let ref = 0;
  return Array.from({ length: reader.varint() }, () => {
    ref += reader.varint();
    return { ref, endMs: endMs - reader.varint() };
  });
}

function isMember(refs: Uint32Array, ref: number): boolean {
  let low = 0;
  let high = refs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((refs[middle] as number) < ref) low = middle + 1;
    else high = middle;
  }
  return refs[low] === ref;
}
