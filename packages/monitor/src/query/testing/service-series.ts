import { MIXED_START_MS } from './mixed-series.ts';
import type { WrittenSeries } from './write-to-prometheus.ts';

const STEP_MS = 5000;
const STEPS = (60 * 60_000) / STEP_MS;

/**
 * What three instances of a small shop show when they are scraped every 5 s, a few ms late each time: memory by kind, CPU by mode, disk,
 * latency buckets, a nightly job, and one metric that comes and goes.
 */
export function serviceSeries(): WrittenSeries[] {
  let seed = 97;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const series: WrittenSeries[] = [];
  const add = (name: string, labels: Record<string, string>, value: (step: number) => number | undefined): void => {
    const samples: (readonly [number, number])[] = [];
    for (let step = 0; step < STEPS; step++) {
      const sample = value(step);
      if (sample !== undefined) samples.push([MIXED_START_MS + step * STEP_MS + Math.floor(random() * 40), sample]);
    }
    series.push({ name, labels, samples });
  };
  const walk = (start: number, width: number): (() => number) => {
    let value = start;
    return () => (value = Math.max(0, value + Math.round((random() - 0.5) * width)));
  };
  const count = (perStep: number): (() => number) => {
    let value = 0;
    return () => (value += random() * perStep);
  };
  for (const [i, instance] of ['shop:7000', 'shop:7001', 'shop:7002'].entries()) {
    const labels = { instance, job: 'shop' };
    for (const type of ['free', 'used', 'cached', 'buffers']) add('shop_memory_bytes', { ...labels, type }, walk(2e9 + i * 1e8, 4e6));
    for (const mode of ['user', 'system', 'idle']) {
      const cpu = count(mode === 'idle' ? 4 : 1);
      add('shop_cpu_seconds_total', { ...labels, mode }, (step) => (mode === 'user' && step % 400 === 399 ? cpu() * 0 : cpu()));
    }
    add('shop_cpus', labels, () => 4);
    add('shop_disk_used_bytes', labels, (step) => 5e9 + step * 12_345 + Math.floor(random() * 1e6));
    add('shop_job_success_timestamp_seconds', labels, (step) => Math.floor(MIXED_START_MS / 1000) + Math.floor(step / 30) * 150);
    add('shop_intermittent', labels, (step) => (Math.floor(step / 90) % 2 === i % 2 ? step : undefined));
    for (const method of ['GET', 'POST']) addLatency(add, { ...labels, method }, random);
  }
  return series;
}

function addLatency(
  add: (name: string, labels: Record<string, string>, value: (step: number) => number) => void,
  labels: Record<string, string>,
  random: () => number,
): void {
  const bounds = ['0.01', '0.05', '0.1', '0.5', '1', '+Inf'];
  const counts = bounds.map(() => 0);
  const history = Array.from({ length: STEPS }, () => {
    bounds.forEach((_, i) => (counts[i] = (counts[i] ?? 0) + Math.floor(random() * (8 - i))));
    return counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b));
  });
  bounds.forEach((le, i) => add('shop_request_seconds_bucket', { ...labels, le }, (step) => history[step]?.[i] ?? 0));
  add('shop_request_seconds_count', labels, (step) => history[step]?.at(-1) ?? 0);
  add('shop_request_seconds_sum', labels, (step) => (history[step]?.at(-1) ?? 0) * 0.07);
}
