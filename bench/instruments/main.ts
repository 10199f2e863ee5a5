/** Recording beside prom-client, its successors and the OpenTelemetry SDK in one run, CPU time and bytes. `--json`: one line a row. */
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import * as platformatic from '@platformatic/prom-client';
import * as prometheusIo from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { createMeterProvider } from '../../packages/monitor/src/adopt/opentelemetry/meter-provider.ts';
import * as shim from '../../packages/monitor/src/adopt/prom-client/index.ts';
import { systemClock } from '../../packages/monitor/src/base/system-clock.ts';
import { createEngine, createLocalCaches, DEFAULT_THRESHOLDS, silentLogger } from '../../packages/monitor/src/engine-index.ts';
import { createRegistry, type Registry } from '../../packages/monitor/src/instruments/registry.ts';
import { expositionSlices } from '../../packages/server/src/http/prometheus/exposition-stream.ts';
import { allocatedBytes, cpuNs, heapBytesOf, Report } from './measure.ts';

type Client = typeof promClient;
type Operation = (i: number) => void;

const OPERATIONS = 1_000_000;
const LABELS = ['method', 'route', 'status'] as const;
const RIVALS: Readonly<Record<string, Client>> = {
  'prom-client': promClient,
  '@prometheus-io/client': prometheusIo as unknown as Client,
  '@platformatic/prom-client': platformatic as unknown as Client,
};
const report = new Report('instruments');
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const ROUTES = Array.from({ length: 20 }, (_, i) => `/resource${i}/:id`);
const STATUSES = [200, 201, 404, 500];
/** Latencies in ms, drawn before the clock starts. */
const VALUES = Float64Array.from({ length: 4096 }, (_, i) => Math.exp(Math.sin(i) * 3 + 2));

const ours = (maxSeriesPerMetric = 20_000): Registry => createRegistry({ clock: systemClock, maxSeriesPerMetric });
const sdk = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
      exportIntervalMillis: 2 ** 30,
    }),
  ],
}).getMeter('bench');
const value = (i: number): number => VALUES[i & 4095] as number;
const pick = (values: readonly string[], i: number): string => values[i % values.length] as string;
const three = (i: number): { method: string; route: string; status: number } => ({
  method: METHODS[i & 3] as string,
  route: pick(ROUTES, i),
  status: STATUSES[i & 3] as number,
});
const two = (i: number): { method: string; route: string } => ({ method: METHODS[i & 3] as string, route: pick(ROUTES, i) });

/** One row: ours against each rival, each in a registry of its own. */
function compare(row: string, our: Operation, rivals: Readonly<Record<string, Operation>>, operations = OPERATIONS): void {
  const measured = Object.entries(rivals).map(([name, operation]) => [name, cpuNs(OPERATIONS / 4, operation)] as const);
  report.add(row, 'ns', cpuNs(operations, our), Object.fromEntries(measured));
}

function promCounters(use: (counter: promClient.Counter, client: Client) => Operation): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(RIVALS).map(([name, client]) => {
      const counter = new client.Counter({ name: 'c_total', help: 'x', labelNames: LABELS, registers: [new client.Registry()] });
      return [name, use(counter, client)];
    }),
  );
}
function promHistograms(use: (histogram: promClient.Histogram) => Operation): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(RIVALS).map(([name, client]) => {
      const histogram = new client.Histogram({ name: 'h', help: 'x', labelNames: LABELS, registers: [new client.Registry()] });
      return [name, use(histogram)];
    }),
  );
}

function bound(): void {
  const registry = ours();
  const counter = registry.counter('bound_total').with(three(0));
  const histogram = registry.timer('bound_time').with(three(0));
  const fixed = promCounters((rival) => {
    const series = rival.labels('GET', '/a', '200');
    return () => series.inc();
  });
  compare('counter, bound labels', () => counter.add(), fixed, OPERATIONS * 10);
  const observed = promHistograms((rival) => {
    const series = rival.labels('GET', '/a', '200');
    return (i) => series.observe(value(i));
  });
  compare('histogram, bound labels', (i) => histogram.record(value(i)), observed, OPERATIONS * 10);
}

function perCall(): void {
  const registry = ours();
  const counter = registry.counter('requests_total');
  const histogram = registry.timer('request_time');
  const sdkCounter = sdk.createCounter('requests_total');
  const sdkHistogram = sdk.createHistogram('request_time');
  compare('counter, 3 labels per call', (i) => counter.add(1, three(i)), {
    ...promCounters((rival) => (i) => rival.inc(three(i))),
    'OpenTelemetry SDK': (i) => sdkCounter.add(1, three(i)),
  });
  compare('histogram, 2 labels per call', (i) => histogram.record(value(i), two(i)), {
    ...promHistograms((rival) => (i) => rival.observe(two(i), value(i))),
    'OpenTelemetry SDK': (i) => sdkHistogram.record(value(i), two(i)),
  });
}

function request(): void {
  const registry = ours();
  const counter = registry.counter('requests_total');
  const histogram = registry.timer('request_time');
  const sdkCounter = sdk.createCounter('all_requests_total');
  const sdkHistogram = sdk.createHistogram('all_request_time');
  const both = (
    count: (labels: ReturnType<typeof three>) => void,
    time: (labels: ReturnType<typeof three>, ms: number) => void,
  ): Operation => {
    return (i) => {
      const labels = three(i);
      count(labels);
      time(labels, value(i));
    };
  };
  const prom = Object.entries(RIVALS).map(([name, client]) => {
    const registers = [new client.Registry()];
    const rival = new client.Counter({ name: 'c_total', help: 'x', labelNames: LABELS, registers });
    const time = new client.Histogram({ name: 'h', help: 'x', labelNames: LABELS, registers });
    return [
      name,
      both(
        (labels) => rival.inc(labels),
        (labels, ms) => time.observe(labels, ms),
      ),
    ] as const;
  });
  compare(
    'request: counter + histogram, 3 labels',
    (i) => {
      const labels = three(i);
      counter.add(1, labels);
      histogram.record(value(i), labels);
    },
    {
      ...Object.fromEntries(prom),
      'OpenTelemetry SDK': both(
        (labels) => sdkCounter.add(1, labels),
        (labels, ms) => sdkHistogram.record(ms, labels),
      ),
    },
  );
}

function manySeries(): void {
  const users = Array.from({ length: 10_000 }, (_, i) => `user-${(i * 7919) % 10_000}`);
  const labels = (i: number): { method: string; route: string } => ({ method: 'GET', route: users[(i * 31) % 10_000] as string });
  const counter = ours().counter('many_total');
  compare(
    'counter, 10k live series, random',
    (i) => counter.add(1, labels(i)),
    promCounters((rival) => (i) => rival.inc(labels(i))),
  );
}

function adopted(): void {
  const registry = ours();
  const meter = createMeterProvider(registry).getMeter('bench');
  const counter = meter.createCounter('otel.requests');
  const histogram = meter.createHistogram('otel.duration');
  const attributes = (i: number): Record<string, string | number> => ({
    'http.request.method': METHODS[i & 3] as string,
    'http.route': pick(ROUTES, i),
    'http.response.status_code': STATUSES[i & 3] as number,
  });
  const sdkCounter = sdk.createCounter('otel.requests');
  const sdkHistogram = sdk.createHistogram('otel.duration');
  compare('OpenTelemetry API: counter, 3 attributes', (i) => counter.add(1, attributes(i)), {
    'OpenTelemetry SDK': (i) => sdkCounter.add(1, attributes(i)),
  });
  compare('OpenTelemetry API: histogram, 3 attributes', (i) => histogram.record(value(i), attributes(i)), {
    'OpenTelemetry SDK': (i) => sdkHistogram.record(value(i), attributes(i)),
  });
  const registers = [new shim.Registry()];
  const shimCounter = new shim.Counter({ name: 'c_total', help: 'x', labelNames: LABELS, registers });
  const shimHistogram = new shim.Histogram({ name: 'h', help: 'x', labelNames: LABELS, registers });
  compare(
    'prom-client’s API: counter, 3 labels',
    (i) => shimCounter.inc(three(i)),
    promCounters((rival) => (i) => rival.inc(three(i))),
  );
  compare(
    'prom-client’s API: histogram, 3 labels',
    (i) => shimHistogram.observe(three(i), value(i)),
    promHistograms((rival) => (i) => rival.observe(three(i), value(i))),
  );
}

function timers(): void {
  const timer = ours().timer('work');
  compare('timer, start and stop', () => void timer.stop(timer.start()), {
    'two bare clock reads': () => void (systemClock.monotonicMs() - systemClock.monotonicMs()),
  });
}

/** Numbers that are objects already: V8 would make one of each raw number it hands to a call, which is no doing of the callee. */
const BOXED: readonly unknown[] = [...VALUES, 'so that the array holds objects'];
const boxed = (i: number): number => BOXED[i & 4095] as number;

/** Bytes a call allocates beside the labels and the value it is given. */
function allocation(): void {
  const registry = ours();
  const sets = Array.from({ length: 64 }, (_, i) => three(i));
  const set = (i: number): ReturnType<typeof three> => sets[i & 63] as ReturnType<typeof three>;
  const [counter, histogram, gauge] = [registry.counter('a_total'), registry.timer('t'), registry.gauge('g')];
  const [boundCounter, boundHistogram] = [counter.with(set(0)), histogram.with(set(0))];
  const otel = createMeterProvider(registry).getMeter('bench').createCounter('otel.requests');
  const rows: Readonly<Record<string, Operation>> = {
    'counter, bound': () => boundCounter.add(),
    'histogram, bound': (i) => boundHistogram.record(boxed(i)),
    'counter, labels per call': (i) => counter.add(1, set(i)),
    'histogram, labels per call': (i) => histogram.record(boxed(i), set(i)),
    'gauge, labels per call': (i) => gauge.set(boxed(i), set(i)),
    timer: () => void histogram.stop(histogram.start()),
    'OpenTelemetry API': (i) => otel.add(1, set(i)),
  };
  const rival = promCounters((prom) => (i) => prom.inc(set(i)))['prom-client'] as Operation;
  const theirs = allocatedBytes(rival);
  for (const [row, operation] of Object.entries(rows))
    report.add(`allocated: ${row}`, 'bytes', allocatedBytes(operation), { 'prom-client counter': theirs });
}

/** Series of bounded labels, drained once, as in a running service. */
function memory(): void {
  if (globalThis.gc === undefined) return;
  const count = 10_000;
  const labels = (i: number): { route: string; status: number } => ({ route: `/route${i >> 2}`, status: STATUSES[i & 3] as number });
  const ofOurs = (record: (registry: Registry, i: number) => void): number =>
    heapBytesOf(() => {
      const registry = ours();
      for (let i = 0; i < count; i++) record(registry, i);
      registry.drain(systemClock.nowMs());
      return registry;
    }) / count;
  const ofProm = (client: Client, make: (register: promClient.Registry) => Operation): number =>
    heapBytesOf(() => {
      const register = new client.Registry();
      const record = make(register);
      for (let i = 0; i < count; i++) record(i);
      return register;
    }) / count;
  const rivals = (make: (client: Client, register: promClient.Registry) => Operation): Record<string, number> =>
    Object.fromEntries(Object.entries(RIVALS).map(([name, client]) => [name, ofProm(client, (register) => make(client, register))]));
  report.add(
    'heap per counter series',
    'bytes',
    ofOurs((registry, i) => registry.counter('c_total').add(1, labels(i))),
    rivals((client, register) => {
      const counter = new client.Counter({ name: 'c_total', help: 'x', labelNames: ['route', 'status'], registers: [register] });
      return (i) => counter.inc(labels(i));
    }),
  );
  report.add(
    'heap per histogram series',
    'bytes',
    ofOurs((registry, i) => registry.timer('h').record(value(i), labels(i))),
    rivals((client, register) => {
      const histogram = new client.Histogram({ name: 'h', help: 'x', labelNames: ['route', 'status'], registers: [register] });
      return (i) => histogram.observe(labels(i), value(i));
    }),
  );
}

function handOver(): void {
  const registry = ours();
  const counter = registry.counter('c_total');
  for (let i = 0; i < 10_000; i++) counter.add(1, { user: `u${i}` });
  registry.drain(systemClock.nowMs());
  let atMs = systemClock.nowMs();
  const touched = (): void => {
    for (let i = 0; i < 10_000; i++) counter.add(1, { user: `u${i}` });
  };
  const busy = cpuNs(50, () => {
    touched();
    registry.drain((atMs += 1000));
  });
  report.add('drain of 10k counters, all touched', 'µs', (busy - cpuNs(50, touched)) / 1000, { '4 ms mark': 4000 });
  report.add('drain of 10k counters, all idle', 'µs', cpuNs(50, () => void registry.drain((atMs += 1000))) / 1000, { '4 ms mark': 4000 });
}

/** CPU of the whole text in ms, and the longest time between two turns of the event loop. */
async function cpuOf(write: () => Promise<unknown>): Promise<{ cpuMs: number; longestMs: number }> {
  let [cpuMs, longestMs] = [Infinity, Infinity];
  for (let round = 0; round < 5; round++) {
    let longest = 0;
    let lastMs = performance.now();
    let isOver = false;
    const turn = (): void => {
      longest = Math.max(longest, performance.now() - lastMs);
      lastMs = performance.now();
      if (!isOver) setImmediate(turn);
    };
    turn();
    const before = process.cpuUsage();
    await write();
    const { user, system } = process.cpuUsage(before);
    turn();
    isOver = true;
    cpuMs = Math.min(cpuMs, (user + system) / 1000);
    longestMs = Math.min(longestMs, longest);
  }
  return { cpuMs, longestMs };
}

async function exposition(series: number): Promise<void> {
  const nowMs = systemClock.nowMs();
  await using engine = await createEngine({
    clock: systemClock,
    log: silentLogger,
    ids: () => 'bench',
    dataDir: ':memory:',
    intervalMs: 60_000,
    thresholds: DEFAULT_THRESHOLDS,
    caches: createLocalCaches(systemClock),
    collectHost: false,
  });
  const metrics = Math.ceil(series / 2000);
  const meta = { kind: 'counter', unit: '', help: 'Requests.' } as const;
  for (let metric = 0; metric < metrics; metric++) {
    const one = (i: number) => ({
      name: `m${metric}_total`,
      labels: { route: `/r${i >> 2}`, status: String(i & 3) },
      timesMs: [nowMs],
      values: [i],
      meta,
    });
    await engine.ingest(Array.from({ length: Math.min(2000, series) }, (_, i) => one(i)));
  }
  const write = async (): Promise<void> => {
    for await (const slice of expositionSlices(engine.store, { nowMs, format: 'text' }))
      if (slice === 'never') throw new Error('unreachable');
  };
  const our = await cpuOf(write);
  const rivals: Record<string, { cpuMs: number; longestMs: number }> = {};
  for (const [name, client] of Object.entries(RIVALS)) {
    const register = new client.Registry();
    for (let metric = 0; metric < metrics; metric++) {
      const counter = new client.Counter({
        name: `m${metric}_total`,
        help: 'Requests.',
        labelNames: ['route', 'status'],
        registers: [register],
      });
      for (let i = 0; i < Math.min(2000, series); i++) counter.inc({ route: `/r${i >> 2}`, status: i & 3 });
    }
    rivals[name] = await cpuOf(() => register.metrics());
  }
  const column = (of: 'cpuMs' | 'longestMs'): Record<string, number> =>
    Object.fromEntries(Object.entries(rivals).map(([name, rival]) => [name, rival[of]]));
  const shown = `${series / 1000}k counters`;
  report.add(`exposition of ${shown}, CPU`, 'ms', our.cpuMs, column('cpuMs'));
  report.add(`exposition of ${shown}, longest block`, 'ms', our.longestMs, column('longestMs'));
}

bound();
perCall();
request();
manySeries();
adopted();
timers();
allocation();
memory();
handOver();
await exposition(10_000);
await exposition(140_000);
report.end();
