import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Gauge } from '../../instruments/gauge.ts';

const ROUNDS_A_LOOK = 10;

/** The heap of the thread that asks. Its spaces move slowly and are looked at every tenth time. */
export class HeapReader {
  readonly #gauge: (name: string) => Gauge;
  #round = 0;

  constructor(gauge: (name: string) => Gauge) {
    this.#gauge = gauge;
  }

  sample(): void {
    const gauge = this.#gauge;
    const heap = getHeapStatistics();
    const memory = process.memoryUsage();
    gauge('process_heap_used_bytes').set(heap.used_heap_size);
    gauge('nodejs_heap_total_bytes').set(heap.total_heap_size);
    gauge('nodejs_heap_limit_bytes').set(heap.heap_size_limit);
    gauge('heap_usage').set(Math.round((1000 * heap.used_heap_size) / heap.heap_size_limit) / 10);
    gauge('nodejs_external_memory_bytes').set(memory.external);
    gauge('nodejs_array_buffers_bytes').set(memory.arrayBuffers);
    if (this.#round++ % ROUNDS_A_LOOK !== 0) return;
    for (const { space_name, space_used_size, space_size } of getHeapSpaceStatistics()) {
      const labels = { space: space_name.replace(/_space$/, '') };
      gauge('nodejs_heap_space_used_bytes').set(space_used_size, labels);
      gauge('nodejs_heap_space_total_bytes').set(space_size, labels);
    }
  }
}
