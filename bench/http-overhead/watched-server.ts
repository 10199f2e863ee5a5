/** A trivial Fastify server, bare or watched; tells its port, and at each message the CPU time it has used, in µs. */
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import Fastify, { type FastifyInstance } from 'fastify';
import fastifyMetrics from 'fastify-metrics';
import { Counter, Histogram, Registry as PromRegistry } from 'prom-client';
import { systemClock } from '../../packages/monitor/src/base/system-clock.ts';
import { createRegistry, type Registry } from '../../packages/monitor/src/instruments/registry.ts';
import { observeHttpServer } from '../../packages/monitor/src/observe/http/http-server.ts';
import { RequestMetrics } from '../../packages/monitor/src/observe/http/request-metrics.ts';
import { installObservers } from '../../packages/monitor/src/observe/install-observers.ts';
import { Tracer } from '../../packages/monitor/src/observe/spans/tracer.ts';

const LABEL_NAMES = ['method', 'route', 'status'];

/** A registry that is drained once a second, as in a watched process. */
function drained(tracer?: Tracer): Registry {
  const registry = createRegistry({ clock: systemClock });
  setInterval(() => {
    registry.drain(Date.now());
    tracer?.drain(Date.now());
  }, 1000).unref();
  return registry;
}

function withSpans(ratio: number): void {
  const tracer = new Tracer(systemClock, { ratio });
  installObservers(drained(tracer), { clock: systemClock, tracer });
}

const MODES: Readonly<Record<string, (app: FastifyInstance) => unknown>> = {
  bare: () => {},
  'ours, zero-code without route': () => {
    const registry = drained();
    observeHttpServer(registry, new RequestMetrics(registry), { clock: systemClock });
  },
  'ours, everything by register': () => installObservers(drained(), { clock: systemClock }),
  'ours, spans of slow and failed and 1 % of requests': () => withSpans(0.01),
  'ours, spans of every request': () => withSpans(1),
  'empty hooks': (app) => app.addHook('onResponse', async () => {}),
  'prom-client': (app) => {
    const register = new PromRegistry();
    const requests = new Counter({ name: 'requests_total', help: 'x', labelNames: LABEL_NAMES, registers: [register] });
    const times = new Histogram({ name: 'request_seconds', help: 'x', labelNames: LABEL_NAMES, registers: [register] });
    app.addHook('onResponse', async (request, reply) => {
      const labels = { method: request.method, route: request.routeOptions.url ?? '', status: String(reply.statusCode) };
      requests.inc(labels);
      times.observe(labels, reply.elapsedTime / 1000);
    });
  },
  'fastify-metrics': (app) => app.register(fastifyMetrics.default, { endpoint: '/metrics', defaultMetrics: { enabled: false } }),
  'OpenTelemetry metrics': (app) => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })] });
    const meter = provider.getMeter('bench');
    const requests = meter.createCounter('requests_total');
    const times = meter.createHistogram('request_seconds');
    app.addHook('onResponse', async (request, reply) => {
      const labels = { method: request.method, route: request.routeOptions.url ?? '', status: reply.statusCode };
      requests.add(1, labels);
      times.record(reply.elapsedTime / 1000, labels);
    });
  },
};

if (process.argv[2] === '--list') process.stdout.write(JSON.stringify(Object.keys(MODES)));
else {
  const app = Fastify();
  await MODES[process.argv[2] ?? 'bare']?.(app);
  app.get('/orders/:id', async () => ({ hello: 'world' }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.((app.server.address() as { port: number }).port);
}
