import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Trace {
  readonly name: string;
  /** The keys in order of access, numbered from 0. */
  readonly ids: Int32Array;
  /** Number of distinct keys. */
  readonly keys: number;
}

/** Reads `*.zdv.gz`: gzip of unsigned LEB128 varints, each the zig-zag coded difference to the previous id. */
export function* tracesIn(folder: string): Generator<Trace> {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.zdv.gz'))) {
    const bytes = gunzipSync(readFileSync(path.join(folder, file)));
    const ids = new Int32Array(bytes.length);
    let count = 0;
    let id = 0;
    for (let at = 0; at < bytes.length;) {
      let value = 0;
      let factor = 1;
      for (let more = true; more; factor *= 128) {
        const byte = bytes[at++] as number;
        value += (byte & 127) * factor;
        more = byte >= 128;
      }
      id += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      ids[count++] = id;
    }
    const used = ids.subarray(0, count);
    yield { name: file.replace('.zdv.gz', ''), ids: used, keys: new Set(used).size };
  }
}

/** Hits of Belady's optimum: the entry that is needed last leaves. A lazily cleaned heap of next uses, O(n log n). */
export function optimalHits({ ids }: Trace, capacity: number): number {
  const next = new Int32Array(ids.length);
  const seen = new Map<number, number>();
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at] as number;
    next[at] = seen.get(id) ?? ids.length;
    seen.set(id, at);
  }
  const heldUntil = new Map<number, number>();
  const heap: { until: number; id: number }[] = [];
  let hits = 0;
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at] as number;
    if (heldUntil.has(id)) hits++;
    else if (heldUntil.size >= capacity) evictFarthest(heap, heldUntil);
    heldUntil.set(id, next[at] as number);
    push(heap, { until: next[at] as number, id });
  }
  return hits;
}

interface Use {
  until: number;
  id: number;
}
function evictFarthest(heap: Use[], heldUntil: Map<number, number>): void {
  for (let top = pop(heap); ; top = pop(heap)) {
    if (heldUntil.get(top.id) !== top.until) continue;
    heldUntil.delete(top.id);
    return;
  }
}
function push(heap: Use[], use: Use): void {
  let at = heap.push(use) - 1;
  for (let parent = (at - 1) >> 1; at > 0 && (heap[parent] as Use).until < use.until; parent = (at - 1) >> 1) {
    heap[at] = heap[parent] as Use;
    at = parent;
  }
  heap[at] = use;
}
function pop(heap: Use[]): Use {
  const top = heap[0] as Use;
  const last = heap.pop() as Use;
  if (heap.length === 0) return top;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && (heap[child + 1] as Use).until > (heap[child] as Use).until) child++;
    if ((heap[child] as Use).until <= last.until) break;
    heap[at] = heap[child] as Use;
    at = child;
  }
  heap[at] = last;
  return top;
}
