import type { WrittenSeries } from './write-to-prometheus.ts';

const MINUTES = 60;
/** The first sample; the newest are an hour later. */
export const MIXED_START_MS: number = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 4 * 3_600_000;
const T0 = MIXED_START_MS;

/** Series of every kind the functions tell apart, with gaps, resets, NaN and infinities. */
export function mixedSeries(): WrittenSeries[] {
  let seed = 11;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const every = (stepMs: number, value: (i: number) => number | undefined): (readonly [number, number])[] =>
    Array.from({ length: Math.floor((MINUTES * 60_000) / stepMs) }, (_, i) => [T0 + i * stepMs, value(i)] as const).filter(
      (sample): sample is readonly [number, number] => sample[1] !== undefined,
    );
  const series = [];
  for (const job of ['api', 'db', 'web']) {
    for (const instance of ['a', 'b']) {
      let total = 0;
      series.push({
        name: 'requests_total',
        labels: { job, instance },
        samples: every(15_000, (i) => {
          total = job === 'db' && i % 70 === 69 ? Math.floor(random() * 5) : total + Math.floor(random() * 20);
          return instance === 'b' && i % 50 > 40 ? undefined : total;
        }),
      });
      series.push({
        name: 'temperature',
        labels: { job, instance },
        samples: every(10_000, (i) => Math.round(1000 * Math.sin(i / 9 + total) + 50 * random()) / 100),
      });
      let cumulative = [0, 0, 0, 0];
      const buckets: (readonly [number, number])[][] = [[], [], [], []];
      for (let i = 0; i < MINUTES * 4; i++) {
        let sum = 0;
        cumulative = cumulative.map((count) => count + (sum += Math.floor(random() * 6)));
        cumulative.forEach((count, b) => buckets[b]?.push([T0 + i * 15_000, count]));
      }
      ['0.1', '0.5', '2', '+Inf'].forEach((le, b) =>
        series.push({ name: 'latency_bucket', labels: { job, instance, le }, samples: buckets[b] ?? [] }),
      );
    }
    series.push({ name: 'owner', labels: { job, team: `team-${job}` }, samples: every(60_000, () => 1) });
    series.push({ name: 'up', labels: { job }, samples: every(30_000, (i) => (i % 7 === 3 ? 0 : 1)) });
  }
  for (const [i, le] of ['1', '2', '4', '+Inf'].entries())
    series.push({
      name: 'crooked_bucket',
      labels: { job: 'api', le },
      samples: every(30_000, (k) => ([5, 9, 7, 12][i] ?? 0) + ((k * (i + 3)) % 11)),
    });
  series.push({ name: 'crooked_bucket', labels: { job: 'api', le: 'wide' }, samples: every(30_000, () => 3) });
  series.push({ name: 'odd', labels: { kind: 'nan' }, samples: every(30_000, (i) => (i % 3 === 0 ? Number.NaN : i)) });
  series.push({ name: 'odd', labels: { kind: 'inf' }, samples: every(30_000, (i) => (i % 5 === 0 ? Infinity : -i)) });
  series.push({ name: 'odd', labels: { kind: 'huge' }, samples: every(30_000, (i) => (i % 2 === 0 ? 1.7e308 : -3e-300)) });
  series.push({ name: 'odd', labels: { kind: 'constant' }, samples: every(30_000, () => 42.5) });
  series.push({ name: 'once', labels: {}, samples: [[T0 + 600_000, 5] as const] });
  return series;
}
