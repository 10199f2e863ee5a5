/** Shape of the load: by default 5,000 series every 10 s for 6 h, 10.8 million samples. */
export interface LoadShape {
  readonly series: number;
  readonly stepMs: number;
  readonly steps: number;
  readonly startMs: number;
}

export interface LoadSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The next value; called once per step. */
  next(): number;
}

/** Seeded, so that every contender stores the same numbers. */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

/** Names of the load's metrics. */
export const METRIC_NAMES: readonly string[] = ['cpu_percent', 'latency_ms', 'requests_total', 'memory_bytes', 'duration_bucket'];

/**
 * A fifth of the series each: gauges with 2 decimals, gauges with 3, Poisson counters, byte gauges in pages; the last fifth histogram buckets,
 * ten to a histogram. `service` takes 20 values over each kind.
 */
export function makeLoad(shape: Pick<LoadShape, 'series'>, seed = 1): LoadSeries[] {
  const random = makeRandom(seed);
  const perKind = Math.floor(shape.series / 5);
  const load: LoadSeries[] = [];
  for (let i = 0; i < perKind; i++) {
    const labels = { instance: `host-${i}`, service: `service-${i % 20}` };
    let cpu = 20 + random() * 60;
    let latency = 10 + random() * 200;
    let total = Math.floor(random() * 1e6);
    let bytes = Math.floor(random() * 1e6);
    const mean = 1 + random() * 20;
    load.push(
      { name: 'cpu_percent', labels, next: () => Math.round((cpu = Math.min(100, Math.max(0, cpu + (random() - 0.5) * 4))) * 100) / 100 },
      { name: 'latency_ms', labels, next: () => Math.round((latency = Math.max(1, latency + (random() - 0.5) * 10)) * 1000) / 1000 },
      { name: 'requests_total', labels, next: () => (total += poisson(mean, random)) },
      { name: 'memory_bytes', labels, next: () => (bytes = Math.max(1, bytes + Math.floor((random() - 0.5) * 64))) * 4096 },
    );
  }
  for (let h = 0; h < perKind / 10; h++) {
    const rate = 2 + random() * 10;
    const counts = new Float64Array(10);
    const tick = (): void => {
      const fresh = poisson(rate, random);
      for (let k = 0; k < fresh; k++) {
        const bucket = Math.min(9, Math.floor(-Math.log(1 - random()) * 2.5));
        for (let b = bucket; b < 10; b++) counts[b] = (counts[b] as number) + 1;
      }
    };
    for (let b = 0; b < 10; b++) {
      const le = b === 9 ? '+Inf' : String(2 ** b * 5);
      const labels = { instance: `host-${h}`, service: `service-${h % 20}`, le };
      load.push({ name: 'duration_bucket', labels, next: () => (b === 0 && tick(), counts[b] as number) });
    }
  }
  return load;
}
