/** A trivial Fastify server, bare or watched; tells its port, and at each message the CPU time it has used, in µs. */
import Fastify from 'fastify';
import { Counter, Histogram, Registry as PromRegistry } from 'prom-client';
import { systemClock } from '../../packages/monitor/src/base/system-clock.ts';
import { observeHttp } from '../../packages/monitor/src/observe/install-observers.ts';
import { createRegistry } from '../../packages/monitor/src/instruments/registry.ts';

const app = Fastify();
const mode = process.argv[2];
if (mode === 'ours') {
  const registry = createRegistry({ clock: systemClock });
  observeHttp(registry, { clock: systemClock });
  setInterval(() => registry.drain(Date.now()), 1000).unref();
}
if (mode === 'prom-client') {
  const register = new PromRegistry();
  const labelNames = ['method', 'route', 'status'];
  const requests = new Counter({ name: 'requests_total', help: 'x', labelNames, registers: [register] });
  const times = new Histogram({ name: 'request_seconds', help: 'x', labelNames, registers: [register] });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? '', status: String(reply.statusCode) };
    requests.inc(labels);
    times.observe(labels, reply.elapsedTime / 1000);
  });
}
app.get('/orders/:id', async () => ({ hello: 'world' }));
await app.listen({ port: 0, host: '127.0.0.1' });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit(0));
process.send?.((app.server.address() as { port: number }).port);
