/** Recording beside prom-client and the OpenTelemetry SDK in one run, CPU time. `--json`: one line a row. */
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { Counter as PromCounter, Histogram as PromHistogram, Registry as PromRegistry } from 'prom-client';
import { systemClock } from '../../packages/monitor/src/base/system-clock.ts';
import { createRegistry, type Registry } from '../../packages/monitor/src/instruments/registry.ts';
import { cpuNs, heapBytesOf, Report } from './measure.ts';

const OPERATIONS = 1_000_000;
const LABELS = ['method', 'route', 'status'] as const;
const report = new Report('instruments');
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const ROUTES = Array.from({ length: 20 }, (_, i) => `/resource${i}/:id`);
const STATUSES = [200, 201, 404, 500];
/** Latencies in ms, drawn before the clock starts. */
const VALUES = Float64Array.from({ length: 4096 }, (_, i) => Math.exp(Math.sin(i) * 3 + 2));

const ours = (maxSeriesPerMetric = 20_000): Registry => createRegistry({ clock: systemClock, maxSeriesPerMetric });
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })] });
const meter = provider.getMeter('bench');
const value = (i: number): number => VALUES[i & 4095] ?? 1;
const pick = (values: readonly string[], i: number): string => values[i % values.length] ?? '';
const status = (i: number): number => STATUSES[i & 3] ?? 200;

function bound(): void {
  const registry = ours();
  const register = new PromRegistry();
  const prom = new PromCounter({ name: 'bound', help: 'x', labelNames: LABELS, registers: [register] }).labels('GET', '/a', '200');
  const promHistogram = new PromHistogram({ name: 'bound_time', help: 'x', labelNames: LABELS, registers: [register] }).labels(
    'GET',
    '/a',
    '200',
  );
  const counter = registry.counter('bound_total').with({ method: 'GET', route: '/a', status: 200 });
  const histogram = registry.timer('bound_time').with({ method: 'GET', route: '/a', status: 200 });
  report.add(
    'counter, bound labels',
    'ns',
    cpuNs(OPERATIONS * 10, () => counter.add()),
    { 'prom-client': cpuNs(OPERATIONS, () => prom.inc()) },
  );
  report.add(
    'histogram, bound labels',
    'ns',
    cpuNs(OPERATIONS * 10, (i) => histogram.record(value(i))),
    {
      'prom-client': cpuNs(OPERATIONS, (i) => promHistogram.observe(value(i))),
    },
  );
}

function perCall(): void {
  const registry = ours();
  const register = new PromRegistry();
  const counter = registry.counter('requests_total');
  const histogram = registry.timer('request_time');
  const prom = new PromCounter({ name: 'requests_total', help: 'x', labelNames: LABELS, registers: [register] });
  const promHistogram = new PromHistogram({ name: 'request_time', help: 'x', labelNames: ['method', 'route'], registers: [register] });
  const otel = meter.createCounter('requests_total');
  const otelHistogram = meter.createHistogram('request_time');
  const labels = (i: number): { method: string; route: string; status: number } => ({
    method: pick(METHODS, i),
    route: pick(ROUTES, i),
    status: status(i),
  });
  const two = (i: number): { method: string; route: string } => ({ method: pick(METHODS, i), route: pick(ROUTES, i) });
  report.add(
    'counter, 3 labels per call',
    'ns',
    cpuNs(OPERATIONS, (i) => counter.add(1, labels(i))),
    {
      'prom-client': cpuNs(OPERATIONS, (i) => prom.inc(labels(i))),
      OpenTelemetry: cpuNs(OPERATIONS / 4, (i) => otel.add(1, labels(i))),
    },
  );
  report.add(
    'histogram, 2 labels per call',
    'ns',
    cpuNs(OPERATIONS, (i) => histogram.record(value(i), two(i))),
    {
      'prom-client': cpuNs(OPERATIONS / 2, (i) => promHistogram.observe(two(i), value(i))),
      OpenTelemetry: cpuNs(OPERATIONS / 4, (i) => otelHistogram.record(value(i), two(i))),
    },
  );
  const promTime = new PromHistogram({ name: 'request_time_3', help: 'x', labelNames: LABELS, registers: [register] });
  const ourRequest = (i: number): void => {
    const set = labels(i);
    counter.add(1, set);
    histogram.record(value(i), set);
  };
  const promRequest = (i: number): void => {
    const set = labels(i);
    prom.inc(set);
    promTime.observe(set, value(i));
  };
  const otelRequest = (i: number): void => {
    const set = labels(i);
    otel.add(1, set);
    otelHistogram.record(value(i), set);
  };
  report.add('request: counter + histogram, 3 labels', 'ns', cpuNs(OPERATIONS, ourRequest), {
    'prom-client': cpuNs(OPERATIONS / 2, promRequest),
    OpenTelemetry: cpuNs(OPERATIONS / 4, otelRequest),
  });
}

function manySeries(): void {
  const users = Array.from({ length: 10_000 }, (_, i) => `user-${(i * 7919) % 10_000}`);
  const registry = ours();
  const counter = registry.counter('many_total');
  const prom = new PromCounter({ name: 'many_total', help: 'x', labelNames: ['user', 'kind'], registers: [new PromRegistry()] });
  const labels = (i: number): { user: string; kind: string } => ({ user: pick(users, i * 31), kind: 'a' });
  report.add(
    'counter, 10k live series, random',
    'ns',
    cpuNs(OPERATIONS, (i) => counter.add(1, labels(i))),
    {
      'prom-client': cpuNs(OPERATIONS, (i) => prom.inc(labels(i))),
    },
  );
}

function timers(): void {
  const timer = ours().timer('work').with({});
  const clock = cpuNs(OPERATIONS, () => void (systemClock.monotonicMs() - systemClock.monotonicMs()));
  const timed = cpuNs(OPERATIONS, () => {
    const start = systemClock.monotonicMs();
    timer.record(systemClock.monotonicMs() - start);
  });
  report.add('timer', 'ns', timed, { 'two bare clock reads': clock });
}

/** Series of bounded labels, drained once, as in a running service. */
function memory(): void {
  if (globalThis.gc === undefined) return;
  const count = 10_000;
  const labels = (i: number): { route: string; status: number } => ({ route: `/route${i >> 2}`, status: status(i) });
  const ofOurs = (record: (registry: Registry, i: number) => void): number =>
    heapBytesOf(() => {
      const registry = ours();
      for (let i = 0; i < count; i++) record(registry, i);
      registry.drain(systemClock.nowMs());
      return registry;
    }) / count;
  const ofProm = (make: (register: PromRegistry) => (i: number) => void): number =>
    heapBytesOf(() => {
      const register = new PromRegistry();
      const record = make(register);
      for (let i = 0; i < count; i++) record(i);
      return register;
    }) / count;
  report.add(
    'heap per counter series',
    'bytes',
    ofOurs((registry, i) => registry.counter('c_total').add(1, labels(i))),
    {
      'prom-client': ofProm((register) => {
        const counter = new PromCounter({ name: 'c_total', help: 'x', labelNames: ['route', 'status'], registers: [register] });
        return (i) => counter.inc(labels(i));
      }),
    },
  );
  report.add(
    'heap per histogram series',
    'bytes',
    ofOurs((registry, i) => registry.timer('h').record(value(i), labels(i))),
    {
      'prom-client': ofProm((register) => {
        const histogram = new PromHistogram({ name: 'h', help: 'x', labelNames: ['route', 'status'], registers: [register] });
        return (i) => histogram.observe(labels(i), value(i));
      }),
    },
  );
}

function handOver(): void {
  const registry = ours();
  const counter = registry.counter('c_total');
  for (let i = 0; i < 10_000; i++) counter.add(1, { user: `u${i}` });
  registry.drain(systemClock.nowMs());
  let atMs = systemClock.nowMs();
  report.add('drain of 10k counters', 'µs', cpuNs(50, () => void registry.drain((atMs += 1000))) / 1000, { '4 ms mark': 4000 });
}

bound();
perCall();
manySeries();
timers();
memory();
handOver();
report.end();
