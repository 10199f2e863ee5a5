/** `count` upper bounds, `width` apart. @throws {Error} for a count under 1. */
export function linearBuckets(start: number, width: number, count: number): number[] {
  if (count < 1) throw new Error('Linear buckets needs a positive count');
  return Array.from({ length: count }, (_, i) => start + i * width);
}

/** `count` upper bounds, each `factor` times the one before. @throws {Error} for a start ≤ 0, a factor ≤ 1 or a count under 1. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (start <= 0) throw new Error('Exponential buckets needs a positive start');
  if (count < 1) throw new Error('Exponential buckets needs a positive count');
  if (factor <= 1) throw new Error('Exponential buckets needs a factor greater than 1');
  const buckets: number[] = [];
  // By repeated multiplication, as prom-client does it: powers would differ in the last digit.
  for (let bound = start; buckets.length < count; bound *= factor) buckets.push(bound);
  return buckets;
}
