import type { InstanceReading } from './reading.ts';

/** Calls a second of two routes that have nothing to do with each other. */
export const LIST_CALLS: readonly number[] = [21, 18, 20, 24, 17, 19, 22, 20, 16, 23];
export const ORDER_CALLS: readonly number[] = [5, 4, 6, 4, 5, 7, 3, 5, 6, 5];

/** A service under load with nothing wrong: what tests start from, and what no detector may complain about. */
export function healthyReading(changes: Partial<InstanceReading> = {}): InstanceReading {
  return {
    labels: {},
    windowMs: 20_000,
    gauges: new Map([
      ['cpu_usage', 35],
      ['memory_usage', 55],
      ['process_cpu_usage', 20],
      ['nodejs_eventloop_delay_p99_seconds', 0.021],
      ['nodejs_eventloop_utilization', 0.2],
      ['nodejs_heap_limit_bytes', 512 * 2 ** 20],
      ['process_uptime_seconds', 900],
    ]),
    routes: [
      { method: 'GET', route: '/markets', calls: 400, totalMs: 1200, p95Ms: 8, errors: 0, callsBySlice: LIST_CALLS },
      { method: 'POST', route: '/orders', calls: 100, totalMs: 900, p95Ms: 25, errors: 1, callsBySlice: ORDER_CALLS },
    ],
    statements: [
      { query: 'SELECT * FROM markets WHERE id = ?', operation: 'select', calls: 500, totalMs: 100, p95Ms: 0.5, callsBySlice: LIST_CALLS },
      { query: 'INSERT INTO orders VALUES (?, ?, ?)', operation: 'insert', calls: 100, totalMs: 60, p95Ms: 1, callsBySlice: ORDER_CALLS },
    ],
    hosts: [{ host: 'prices.example', calls: 40, totalMs: 1600, p95Ms: 90 }],
    caches: [{ cache: 'default', hits: 900, misses: 100, evictions: 2, writes: 100, overwrites: 3, entries: 500, maxEntries: 2000 }],
    volumes: [{ mount: '/', totalBytes: 100e9, used: { timesMs: [0, 300_000, 600_000], values: [50e9, 50.001e9, 50e9] } }],
    loopBusyBySlice: [0.21, 0.2, 0.22, 0.21, 0.2, 0.21, 0.23, 0.2, 0.21, 0.2],
    heapFloor: {
      timesMs: [0, 4000, 8000, 12_000, 16_000, 20_000, 24_000, 28_000],
      values: [40, 44, 41, 45, 40, 43, 44, 41].map((mebibytes) => mebibytes * 2 ** 20),
    },
    heapPeakBefore: 58 * 2 ** 20,
    ...changes,
  };
}
