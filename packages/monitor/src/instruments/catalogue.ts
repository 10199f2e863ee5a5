import type { MetricKind, MetricMeta } from '../model/metric.ts';

/** One metric we emit by ourselves. */
export interface CatalogueEntry extends MetricMeta {
  /** As charts and alerts call it: "CPU usage". */
  readonly displayName: string;
  /** Names of its labels, in the order the documentation lists them. */
  readonly labels: readonly string[];
}

function entry(kind: MetricKind, unit: string, texts: readonly [displayName: string, help: string], ...labels: string[]): CatalogueEntry {
  return { kind, unit, displayName: texts[0], help: texts[1], labels };
}
const gauge = entry.bind(undefined, 'gauge');
const counter = entry.bind(undefined, 'counter');
const histogram = entry.bind(undefined, 'histogram');

/**
 * Every metric that instruments and collectors emit, by name. Those of kind `histogram` leave as a gauge of that name (lowest, highest and
 * newest value of each interval) and as `_bucket`, `_sum` and `_count`. `docs/metrics.md` is made from this table.
 */
export const METRICS: Readonly<Record<string, CatalogueEntry>> = Object.freeze({
  // Requests
  api_response_time: histogram(
    'ms',
    ['API response time', 'Time from the arrival of an HTTP request to the end of its response.'],
    'method',
    'route',
    'status',
  ),
  api_requests_total: counter('count', ['API requests', 'HTTP requests answered.'], 'method', 'route', 'status'),
  api_requests_in_flight: gauge('count', ['API requests in flight', 'HTTP requests that wait for the end of their response.']),
  api_request_bytes_total: counter(
    'bytes',
    ['API request bytes', 'Bytes of HTTP requests on the wire, headers included.'],
    'method',
    'route',
  ),
  api_response_bytes_total: counter(
    'bytes',
    ['API response bytes', 'Bytes of HTTP responses on the wire, headers included.'],
    'method',
    'route',
  ),
  api_requests_aborted_total: counter(
    'count',
    ['Aborted API requests', 'HTTP requests whose client left before the response was complete.'],
    'method',
    'route',
  ),
  error_rate: gauge('percent', [
    'Error rate',
    'Share of HTTP requests answered with status 500 to 599 over the last interval; 0 without traffic.',
  ]),
  http_client_time: histogram(
    'ms',
    ['Outbound request time', 'Time from sending an HTTP request to the end of its response.'],
    'host',
    'method',
    'status',
  ),
  http_client_phase_time: histogram(
    'ms',
    [
      'Outbound request phases',
      'Parts of an outbound HTTP request: dns, connect, tls (connection: all three together), first_byte from its start to the head of the response.',
    ],
    'host',
    'phase',
  ),
  http_client_errors_total: counter(
    'count',
    ['Outbound request errors', 'Outbound HTTP requests that got no response, or not all of it.'],
    'host',
    'method',
  ),
  dns_lookup_time: histogram('ms', ['Name look-up time', 'Time of a question to the name service, by its kind.'], 'kind'),
  process_uncaught_errors_total: counter(
    'count',
    ['Uncaught errors', 'Exceptions and rejections nobody caught, by kind and name of the error.'],
    'kind',
    'error',
  ),

  // Databases and caches
  database_query_time: histogram(
    'ms',
    ['Database query time', 'Time of a database statement, by its text without literals.'],
    'query',
    'operation',
    'system',
  ),
  database_rows_total: counter('count', ['Database rows', 'Rows that statements returned or changed.'], 'query', 'operation', 'system'),
  database_errors_total: counter('count', ['Database errors', 'Statements that failed.'], 'query', 'operation', 'system'),
  database_pool_connections: gauge('count', ['Pool connections', 'Connections of a pool by state: idle, used.'], 'pool', 'state'),
  database_pool_waiting: gauge('count', ['Pool waiting', 'Callers that wait for a connection.'], 'pool'),
  database_pool_wait_time: histogram('ms', ['Pool wait time', 'Time a caller waited for a connection.'], 'pool'),
  queue_job_time: histogram('ms', ['Job time', 'Time of one attempt at a job of a queue.'], 'queue', 'job'),
  queue_wait_time: histogram('ms', ['Job wait time', 'Time a job waited beyond its delay until its first attempt.'], 'queue'),
  queue_job_failures_total: counter('count', ['Failed jobs', 'Attempts at a job that failed.'], 'queue', 'job'),
  cache_hit_rate: gauge(
    'percent',
    ['Cache hit rate', 'Share of look-ups answered from the cache over the last interval with at least 20 of them.'],
    'cache',
  ),
  cache_hits_total: counter('count', ['Cache hits', 'Look-ups answered from the cache.'], 'cache'),
  cache_misses_total: counter('count', ['Cache misses', 'Look-ups the cache could not answer.'], 'cache'),
  cache_evictions_total: counter('count', ['Cache evictions', 'Entries removed to make room.'], 'cache'),
  cache_writes_total: counter('count', ['Cache writes', 'Entries written.'], 'cache'),
  cache_overwrites_total: counter('count', ['Cache overwrites', 'Entries written over a live one.'], 'cache'),
  cache_expirations_total: counter('count', ['Cache expirations', 'Entries removed because their lifetime was over.'], 'cache'),
  cache_loads_total: counter('count', ['Cache loads', 'Loads that began because the cache had no fresh value.'], 'cache'),
  cache_load_failures_total: counter('count', ['Cache load failures', 'Loads that failed.'], 'cache'),
  cache_load_waits_total: counter('count', ['Cache load waits', 'Calls that shared the load of another.'], 'cache'),
  cache_load_seconds_total: counter('seconds', ['Cache load time', 'Time of the loads that succeeded.'], 'cache'),
  cache_stale_serves_total: counter('count', ['Stale answers', 'Calls answered with a value past its lifetime.'], 'cache'),
  cache_entries: gauge('count', ['Cache entries', 'Entries in the cache.'], 'cache'),
  cache_max_entries: gauge('count', ['Cache capacity', 'Entries the cache may hold.'], 'cache'),
  cache_size_bytes: gauge('bytes', ['Cache size', 'Estimated size of the cached values.'], 'cache'),
  cache_utilization: gauge('percent', ['Cache utilization', 'Entries as a share of the entries the cache may hold.'], 'cache'),

  // Host
  cpu_usage: gauge('percent', [
    'CPU usage',
    'Busy share of the CPU time available: of the container limit where there is one, else of all processors.',
  ]),
  cpu_seconds_total: counter('seconds', ['CPU time', 'CPU time by processor and mode.'], 'cpu', 'mode'),
  cpu_limit_cores: gauge('count', ['CPU limit', 'Processors available: the container limit, else the number of processors.']),
  cpu_throttled_seconds_total: counter('seconds', ['CPU throttling', 'Time the container was held back by its CPU limit.']),
  cpu_throttled_periods_total: counter('count', [
    'CPU throttled periods',
    'Periods in which the container was held back by its CPU limit.',
  ]),
  load_average_1m: gauge('count', ['Load average (1 min)', 'Processes running or waiting, averaged over 1 minute.']),
  load_average_5m: gauge('count', ['Load average (5 min)', 'Processes running or waiting, averaged over 5 minutes.']),
  load_average_15m: gauge('count', ['Load average (15 min)', 'Processes running or waiting, averaged over 15 minutes.']),
  pressure_stall_seconds_total: counter(
    'seconds',
    ['Pressure stall', 'Time in which some or all tasks waited for a resource.'],
    'resource',
    'kind',
  ),
  memory_usage: gauge('percent', [
    'Memory usage',
    'Memory in use that cannot be reclaimed: of the container limit where there is one, else of the host.',
  ]),
  memory_total_bytes: gauge('bytes', ['Memory', 'Memory available to this container or host.']),
  memory_used_bytes: gauge('bytes', ['Memory used', 'Working set of this container or host.']),
  memory_available_bytes: gauge('bytes', ['Memory available', 'Memory that new work can have without swapping.']),
  memory_swap_total_bytes: gauge('bytes', ['Swap', 'Swap space.']),
  memory_swap_used_bytes: gauge('bytes', ['Swap used', 'Swap space in use.']),
  memory_oom_kills_total: counter('count', [
    'Out-of-memory kills',
    'Processes the kernel ended for lack of memory: in this container where it has a limit, else on the host.',
  ]),
  disk_usage: gauge('percent', ['Disk usage', 'Used share of the file system that holds the data directory.']),
  disk_usage_bytes: gauge('bytes', ['Disk used', 'Space in use on a file system.'], 'mount'),
  disk_total_bytes: gauge('bytes', ['Disk size', 'Size of a file system, without what is reserved for root.'], 'mount'),
  disk_inodes_used_ratio: gauge('ratio', ['Inodes used', "Share of a file system's inodes in use."], 'mount'),
  disk_read_bytes_total: counter('bytes', ['Disk reads', 'Bytes read from a device.'], 'device'),
  disk_written_bytes_total: counter('bytes', ['Disk writes', 'Bytes written to a device.'], 'device'),
  disk_reads_total: counter('count', ['Disk read operations', 'Reads completed by a device.'], 'device'),
  disk_writes_total: counter('count', ['Disk write operations', 'Writes completed by a device.'], 'device'),
  disk_read_seconds_total: counter('seconds', ['Disk read time', 'Time spent in reads, summed over requests.'], 'device'),
  disk_write_seconds_total: counter('seconds', ['Disk write time', 'Time spent in writes, summed over requests.'], 'device'),
  disk_io_seconds_total: counter('seconds', ['Disk busy time', 'Time in which a device had at least one request.'], 'device'),
  disk_read_bytes_per_second: gauge('bytes_per_second', ['Disk read rate', 'Bytes read a second, all devices.']),
  disk_write_bytes_per_second: gauge('bytes_per_second', ['Disk write rate', 'Bytes written a second, all devices.']),
  network_receive_bytes_total: counter('bytes', ['Network received', 'Bytes received on a device.'], 'device'),
  network_transmit_bytes_total: counter('bytes', ['Network sent', 'Bytes sent on a device.'], 'device'),
  network_receive_packets_total: counter('count', ['Packets received', 'Packets received on a device.'], 'device'),
  network_transmit_packets_total: counter('count', ['Packets sent', 'Packets sent on a device.'], 'device'),
  network_receive_errors_total: counter('count', ['Receive errors', 'Packets received with errors on a device.'], 'device'),
  network_transmit_errors_total: counter('count', ['Transmit errors', 'Packets that could not be sent on a device.'], 'device'),
  network_receive_drops_total: counter('count', ['Receive drops', 'Received packets dropped on a device.'], 'device'),
  network_transmit_drops_total: counter('count', ['Transmit drops', 'Outgoing packets dropped on a device.'], 'device'),
  network_receive_bytes_per_second: gauge('bytes_per_second', [
    'Network receive rate',
    'Bytes received a second, all devices but loopback.',
  ]),
  network_transmit_bytes_per_second: gauge('bytes_per_second', ['Network transmit rate', 'Bytes sent a second, all devices but loopback.']),
  network_tcp_retransmits_total: counter('count', ['TCP retransmits', 'TCP segments sent again.']),
  network_tcp_connections: gauge('count', ['TCP connections', 'TCP connections established.']),
  network_sockets: gauge('count', ['Sockets', 'Sockets in use.']),

  // Process
  process_cpu_usage: gauge('percent', ['Process CPU usage', 'CPU time of this process as a share of one processor; may exceed 100.']),
  process_cpu_seconds_total: counter('seconds', ['Process CPU time', 'CPU time of this process by mode.'], 'mode'),
  process_resident_memory_bytes: gauge('bytes', ['Process memory', 'Memory of this process that is in RAM.']),
  process_virtual_memory_bytes: gauge('bytes', ['Process virtual memory', 'Address space of this process.']),
  process_open_fds: gauge('count', ['Open files', 'File descriptors this process has open.']),
  process_max_fds: gauge('count', ['Open files limit', 'File descriptors this process may have open.']),
  process_threads: gauge('count', ['Threads', 'Threads of this process.']),
  process_context_switches_total: counter(
    'count',
    ['Context switches', 'Context switches of this process: voluntary when it waited, involuntary when it was pushed off the processor.'],
    'kind',
  ),
  process_run_queue_wait_seconds_total: counter('seconds', [
    'Run queue wait',
    'Time in which the main thread could run but had no processor.',
  ]),
  process_exits_total: counter(
    'count',
    [
      'Process ends',
      'Ends of this process by reason (exit, uncaught_exception, unhandled_rejection or a signal) and exit code; none for SIGKILL and crashes.',
    ],
    'reason',
    'code',
  ),
  process_uptime_seconds: gauge('seconds', ['Process uptime', 'Time since this process started.']),
  process_heap_used_bytes: gauge('bytes', ['Heap used', 'JavaScript heap in use, main thread.']),
  heap_usage: gauge('percent', ['Heap usage', 'JavaScript heap in use as a share of its limit, main thread.']),

  // Node.js
  nodejs_heap_total_bytes: gauge('bytes', ['Heap size', 'JavaScript heap reserved, main thread.']),
  nodejs_heap_limit_bytes: gauge('bytes', ['Heap limit', 'JavaScript heap at which the process ends.']),
  nodejs_heap_space_used_bytes: gauge('bytes', ['Heap space used', 'JavaScript heap in use by space, main thread.'], 'space'),
  nodejs_heap_space_total_bytes: gauge('bytes', ['Heap space size', 'JavaScript heap reserved by space, main thread.'], 'space'),
  nodejs_external_memory_bytes: gauge('bytes', ['External memory', 'Memory of objects bound to JavaScript ones, array buffers included.']),
  nodejs_array_buffers_bytes: gauge('bytes', ['Array buffers', 'Memory of buffers.']),
  nodejs_eventloop_delay_p50_seconds: gauge('seconds', [
    'Event loop delay (median)',
    'Median delay of the event loop over the last interval.',
  ]),
  nodejs_eventloop_delay_p99_seconds: gauge('seconds', [
    'Event loop delay (p99)',
    'The 99th percentile of the delay of the event loop over the last interval.',
  ]),
  nodejs_eventloop_delay_max_seconds: gauge('seconds', [
    'Event loop delay (longest)',
    'Longest delay of the event loop over the last interval.',
  ]),
  nodejs_eventloop_utilization: gauge('ratio', ['Event loop utilization', 'Share of time in which the event loop was not waiting.']),
  nodejs_gc_pause_seconds_total: counter('seconds', ['Garbage collection', 'Time spent in garbage collection by kind.'], 'kind'),
  nodejs_gc_runs_total: counter('count', ['Garbage collections', 'Garbage collections by kind.'], 'kind'),
  nodejs_gc_pause_max_seconds: gauge('seconds', ['Longest garbage collection', 'Longest garbage collection of the last interval.']),
  nodejs_active_resources: gauge(
    'count',
    ['Active resources', 'What keeps the event loop alive, by type: timers, sockets, requests.'],
    'type',
  ),
  nodejs_threadpool_wait_seconds: gauge('seconds', [
    'Thread pool wait',
    'Longest time in the last interval until a thread of the pool for files, DNS, zlib and crypto began a task.',
  ]),
  nodejs_version_info: gauge('count', ['Versions', 'Always 1; the labels tell the versions of Node.js and V8.'], 'node', 'v8'),

  // The instruments themselves
  bellwether_dropped_records_total: counter('count', ['Dropped records', 'Records the instruments did not keep, by reason.'], 'reason'),
  bellwether_dropped_batches_total: counter('count', [
    'Dropped batches',
    "Batches of samples dropped because the monitor's thread took none for a minute.",
  ]),
  bellwether_dropped_spans_total: counter('count', ['Dropped spans', 'Spans that were not kept for want of room.']),
  bellwether_collector_failures_total: counter('count', ['Collector failures', 'Readings that failed, by collector.'], 'collector'),
});

/** Metadata of a metric of ours; a bare gauge for one we do not know. */
export function metaOf(name: string): MetricMeta {
  const known = METRICS[name];
  return known === undefined ? { kind: 'gauge', unit: '', help: '' } : { kind: known.kind, unit: known.unit, help: known.help };
}
