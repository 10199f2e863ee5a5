/** The same programs through prom-client 15.1.3, @prometheus-io/client 0.16.1 and the shim: text and errors are compared. */
import * as successor from '@prometheus-io/client';
import * as original from 'prom-client';
import { describe, expect, test } from 'vitest';
import * as shim from './index.ts';
import type { MetricObject } from './metric-object.ts';

// One program for all three. Its types are the shim's: prom-client's own leave out some arguments.
type Client = typeof shim;
const ours = shim;
const clients = { original: original as unknown as Client, successor: successor as unknown as Client };

type Program = (client: Client) => Promise<string>;
const byText = (left: unknown, right: unknown): number => (String(left) < String(right) ? -1 : 1);
const LABELS = ['method', 'route', 'status'] as const;

const programs: Readonly<Record<string, Program>> = {
  counters: async ({ Counter, Registry }) => {
    const registry = new Registry();
    const bare = new Counter({ name: 'bare_total', help: 'Without labels.', registers: [registry] });
    const labelled = new Counter({ name: 'requests_total', help: 'Requests.', labelNames: LABELS, registers: [registry] });
    void new Counter({ name: 'never_total', help: 'Never used.', labelNames: ['a'], registers: [registry] });
    bare.inc();
    bare.inc(2.5);
    bare.inc(0);
    labelled.inc({ method: 'GET', route: '/a', status: 200 });
    labelled.inc({ status: '200', route: '/a', method: 'GET' }, 4);
    labelled.inc({ method: 'GET' });
    labelled.labels('POST', '/b', '500').inc(3);
    labelled.labels({ method: 'POST', route: '/b' }).inc();
    labelled.inc({ method: 'DELETE', route: '/gone', status: 1 });
    labelled.remove('DELETE', '/gone', '1');
    return registry.metrics();
  },
  gauges: async ({ Gauge, Registry }) => {
    const registry = new Registry();
    const bare = new Gauge({ name: 'level', help: 'A level.', registers: [registry] });
    const labelled = new Gauge({ name: 'open', help: 'Open\nthings \\ "all".', labelNames: ['kind'], registers: [registry] });
    bare.set(4);
    bare.inc();
    bare.dec(2.5);
    labelled.set({ kind: 'a"b\\c\nd' }, NaN);
    labelled.set({ kind: 'up' }, Infinity);
    labelled.set({ kind: 'down' }, -Infinity);
    labelled.inc({ kind: 'x' }, 3);
    labelled.dec({ kind: 'x' });
    labelled.labels('y').set(1e21);
    labelled.labels('y').inc(1);
    labelled.labels('z').dec(1e-7);
    return registry.metrics();
  },
  'pulled gauges': async ({ Gauge, Registry }) => {
    const registry = new Registry();
    let reads = 0;
    void new Gauge({
      name: 'pulled',
      help: 'Read when asked.',
      labelNames: ['n'],
      registers: [registry],
      collect() {
        this.set({ n: 'sync' }, ++reads);
      },
    });
    void new Gauge({
      name: 'pulled_later',
      help: 'Read when asked.',
      registers: [registry],
      async collect() {
        await Promise.resolve();
        this.set(7);
      },
    });
    await registry.metrics();
    return registry.metrics();
  },
  histograms: async ({ exponentialBuckets, Histogram, linearBuckets, Registry }) => {
    const registry = new Registry();
    const bare = new Histogram({ name: 'time', help: 'Time.', registers: [registry] });
    const labelled = new Histogram({
      name: 'size',
      help: 'Size.',
      labelNames: ['route', 'le_not'],
      buckets: exponentialBuckets(0.1, 1.7, 5),
      registers: [registry],
    });
    const linear = new Histogram({ name: 'linear', help: 'L.', buckets: linearBuckets(0, 10, 4), registers: [registry] });
    for (const value of [0.005, 0.0051, 3, 10, 11, 0, -1]) bare.observe(value);
    for (const value of [0.1, 0.2, 400]) labelled.observe({ route: '/a' }, value);
    labelled.labels('/b', 'q').observe(0.3);
    labelled.zero({ route: '/z' });
    linear.observe(29.5);
    return registry.metrics();
  },
  'default labels': async ({ Counter, Histogram, Registry }) => {
    const registry = new Registry();
    registry.setDefaultLabels({ app: 'shop', kind: 'default' });
    new Counter({ name: 'c_total', help: 'C.', labelNames: ['kind'], registers: [registry] }).inc({ kind: 'own' });
    new Histogram({ name: 'h', help: 'H.', labelNames: ['kind'], buckets: [1], registers: [registry] }).observe({ kind: 'own' }, 1);
    return registry.metrics();
  },
  'reset, clear, merge and single metrics': async ({ Counter, Gauge, Histogram, Registry }) => {
    const [one, two] = [new Registry(), new Registry()];
    new Counter({ name: 'a_total', help: 'A.', registers: [one, two] }).inc(3);
    new Gauge({ name: 'b', help: 'B.', labelNames: ['x'], registers: [two] }).set({ x: 'y' }, 1);
    new Histogram({ name: 'c', help: 'C.', buckets: [1], labelNames: ['x'], registers: [two] }).observe({ x: 'y' }, 1);
    const merged = await Registry.merge([one, two]).metrics();
    const single = await two.getSingleMetricAsString('b');
    two.resetMetrics();
    const reset = await two.metrics();
    two.removeSingleMetric('a_total');
    const removed = await two.metrics();
    two.clear();
    return [merged, single, reset, removed, await two.metrics()].join('\n---\n');
  },
  JSON: async ({ Counter, Histogram, Registry }) => {
    const registry = new Registry();
    registry.setDefaultLabels({ app: 'shop' });
    new Counter({ name: 'a_total', help: 'A.', labelNames: ['x'], registers: [registry], aggregator: 'max' }).inc({ x: 'y' });
    new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] }).observe(2);
    const metrics = await registry.getMetricsAsJSON();
    return JSON.stringify(
      metrics
        .map((metric) => ({
          ...metric,
          values: metric.values.map(({ labels, value, metricName }) => ({
            labels: Object.entries(labels).toSorted(byText),
            value,
            metricName,
          })),
        }))
        .map((metric) => Object.entries(metric).toSorted(byText)),
    );
  },
  'the exposition of OpenMetrics, with exemplars': async ({ Counter, Histogram, Registry }) => {
    const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
    const counter = new Counter({
      name: 'requests_total',
      help: 'Requests.',
      labelNames: ['method'],
      enableExemplars: true,
      registers: [registry],
    });
    new Counter({ name: 'plain', help: 'Plain.', registers: [registry] }).inc();
    const histogram = new Histogram({ name: 'time', help: 'Time.', buckets: [1, 2], enableExemplars: true, registers: [registry] });
    counter.inc({ labels: { method: 'GET' }, value: 2, exemplarLabels: { trace_id: 'abc', span_id: 'def' } });
    histogram.observe({ value: 1.5, exemplarLabels: { trace_id: '"quoted"' } });
    histogram.observe({ value: 9, exemplarLabels: { trace_id: 'big' } });
    return (await registry.metrics()).replaceAll(/(# \{.*\} [\d.]+) [\d.]+/g, '$1 TIME');
  },
  'aggregation of workers': async ({ AggregatorRegistry, Counter, Gauge, Histogram, Registry }) => {
    const workers = await Promise.all(
      [1, 2].map(async (worker) => {
        const registry = new Registry();
        new Counter({ name: 'a_total', help: 'A.', labelNames: ['x'], registers: [registry] }).inc({ x: 'y' }, worker);
        for (const aggregator of ['sum', 'first', 'min', 'max', 'average', 'omit'] as const)
          new Gauge({ name: `g_${aggregator}`, help: 'G.', aggregator, registers: [registry] }).set(worker * 10);
        new Histogram({ name: 'h', help: 'H.', buckets: [1, 2], registers: [registry] }).observe(worker);
        return registry.getMetricsAsJSON();
      }),
    );
    return AggregatorRegistry.aggregate(JSON.parse(JSON.stringify(workers)) as MetricObject[][]).metrics();
  },
};

describe('the same text', () => {
  for (const [name, program] of Object.entries(programs))
    for (const [rival, client] of Object.entries(clients))
      test(`${name}, as the ${rival} writes it`, async () => expect(await program(ours)).toBe(await program(client)));
});

const errors: Readonly<Record<string, (client: Client) => unknown>> = {
  'no configuration': ({ Counter }) => new Counter(undefined as never),
  'no help': ({ Counter, Registry }) => new Counter({ name: 'a', help: '', registers: [new Registry()] }),
  'no name': ({ Gauge, Registry }) => new Gauge({ name: '', help: 'h', registers: [new Registry()] }),
  'an illegal name': ({ Counter, Registry }) => new Counter({ name: 'a b', help: 'h', registers: [new Registry()] }),
  'an illegal label name': ({ Counter, Registry }) =>
    new Counter({ name: 'a', help: 'h', labelNames: ['x-y'], registers: [new Registry()] }),
  'le as a label': ({ Histogram, Registry }) => new Histogram({ name: 'a', help: 'h', labelNames: ['le'], registers: [new Registry()] }),
  'quantile as a label': ({ Registry, Summary }) =>
    new Summary({ name: 'a', help: 'h', labelNames: ['quantile'], registers: [new Registry()] }),
  'collect that is no function': ({ Gauge, Registry }) =>
    new Gauge({ name: 'a', help: 'h', collect: 5 as never, registers: [new Registry()] }),
  'a name taken': ({ Counter, Registry }) => {
    const registry = new Registry();
    void new Counter({ name: 'a', help: 'h', registers: [registry] });
    return new Counter({ name: 'a', help: 'h', registers: [registry] });
  },
  'a negative step': ({ Counter, Registry }) => new Counter({ name: 'a', help: 'h', registers: [new Registry()] }).inc(-1),
  'an infinite step': ({ Counter, Registry }) => new Counter({ name: 'a', help: 'h', registers: [new Registry()] }).inc(Infinity),
  'a step of text': ({ Counter, Registry }) => new Counter({ name: 'a', help: 'h', registers: [new Registry()] }).inc('many' as never),
  'an undeclared label': ({ Counter, Registry }) =>
    new Counter({ name: 'a', help: 'h', labelNames: ['x'], registers: [new Registry()] }).inc({ y: 1 } as never),
  'too few values of labels': ({ Counter, Registry }) =>
    new Counter({ name: 'a', help: 'h', labelNames: ['x', 'y'], registers: [new Registry()] }).labels('1'),
  'a gauge set to text': ({ Gauge, Registry }) => new Gauge({ name: 'a', help: 'h', registers: [new Registry()] }).set('5' as never),
  'a gauge changed by text': ({ Gauge, Registry }) => new Gauge({ name: 'a', help: 'h', registers: [new Registry()] }).inc('5' as never),
  'an observation of NaN': ({ Histogram, Registry }) =>
    new Histogram({ name: 'a', help: 'h', registers: [new Registry()] }).observe({}, NaN),
  'an observation of text': ({ Registry, Summary }) =>
    new Summary({ name: 'a', help: 'h', registers: [new Registry()] }).observe({}, 'x' as never),
  'an unsupported content type': ({ Registry }) => new Registry('text/html' as never),
  'merging unlike content types': ({ Registry }) => Registry.merge([new Registry(), new Registry(Registry.OPENMETRICS_CONTENT_TYPE)]),
  'exemplars in the old format': ({ Counter, Registry }) =>
    new Counter({ name: 'a', help: 'h', enableExemplars: true, registers: [new Registry()] }),
  'buckets without number': ({ linearBuckets }) => linearBuckets(0, 1, 0),
  'exponential buckets from 0': ({ exponentialBuckets }) => exponentialBuckets(0, 2, 3),
  'exponential buckets that stand still': ({ exponentialBuckets }) => exponentialBuckets(1, 1, 3),
  'default metrics of text': ({ collectDefaultMetrics }) => collectDefaultMetrics('all' as never),
  'an unknown aggregator': ({ AggregatorRegistry }) =>
    AggregatorRegistry.aggregate([[{ name: 'a', help: '', type: 'gauge', aggregator: 'mean' as never, values: [] }]]),
};

function failureOf(program: (client: Client) => unknown, client: Client): string {
  try {
    program(client);
    return 'no error';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Where @prometheus-io/client says more than prom-client does. */
const SAID_OTHERWISE: ReadonlySet<string> = new Set(['an illegal name', 'an illegal label name']);

describe('the same error', () => {
  test.each(Object.entries(errors))('%s', (name, program) => {
    const expected = failureOf(program, clients.original);
    expect(failureOf(program, ours)).toBe(expected);
    expect(expected).not.toBe('no error');
    if (!SAID_OTHERWISE.has(name)) expect(failureOf(program, clients.successor)).toBe(expected);
  });
});

test('a counter’s step of NaN is refused, where prom-client spoils the total for good', () => {
  const counter = new shim.Counter({ name: 'a', help: 'h', registers: [new shim.Registry()] });
  expect(() => counter.inc(NaN)).toThrow('Value is not a valid number: NaN');
  expect(counter.read()).toEqual([{ value: 0, labels: {} }]);
});

describe('summaries', () => {
  test('count and sum are prom-client’s; quantiles are within 4.4 % of the exact ones, negative ones too', async () => {
    const program = async ({ Registry, Summary }: Client): Promise<string> => {
      const registry = new Registry();
      const summary = new Summary({ name: 's', help: 'S.', labelNames: ['x'], percentiles: [0.1, 0.5, 0.9], registers: [registry] });
      for (let value = -50; value <= 1000; value++) summary.observe({ x: 'y' }, value);
      return registry.metrics();
    };
    const [text, theirs] = [await program(ours), await program(clients.original)];
    const shape = (given: string): string => given.replaceAll(/(quantile.*) .*$/gm, '$1 VALUE');
    expect(shape(text)).toBe(shape(theirs));
    const values = [...text.matchAll(/quantile="([\d.]+)".* ([-\d.]+)$/gm)].map(([, q, value]) => [Number(q), Number(value)] as const);
    expect(values).toHaveLength(3);
    for (const [q, value] of values) {
      const exact = Math.ceil(q * 1051) - 51;
      expect(Math.abs(value - exact) / Math.abs(exact)).toBeLessThan(0.044);
    }
  });

  test('an empty one shows 0, as prom-client’s', async () => {
    const program = async ({ Registry, Summary }: Client): Promise<string> => {
      const registry = new Registry();
      void new Summary({ name: 's', help: 'S.', registers: [registry] });
      return registry.metrics();
    };
    expect(await program(ours)).toBe(await program(clients.original));
  });
});

test('default metrics have prom-client’s names, types, helps and labels', async () => {
  const describe = async ({ collectDefaultMetrics, Registry }: Client): Promise<string[]> => {
    const register = new Registry();
    collectDefaultMetrics({ register, prefix: 'my_', labels: { app: 'shop' } });
    const text = await register.metrics();
    return text
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .toSorted(byText);
  };
  expect(await describe(ours)).toEqual(await describe(clients.original));
});
