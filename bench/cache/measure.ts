/** One comparison. `ratio` above 1: ours is better, whatever the unit. */
export interface Row {
  readonly bench: 'cache';
  readonly row: string;
  readonly ours: number;
  readonly rival: number;
  readonly rivalName: string;
  readonly unit: string;
  readonly ratio: number;
}

/** CPU nanoseconds (user and system) per operation: the least of `rounds`, because other programs only ever add. */
export function cpuNs(operations: number, rounds: number, run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    run();
    const spent = process.cpuUsage(before);
    best = Math.min(best, ((spent.user + spent.system) * 1000) / operations);
  }
  return best;
}
export async function cpuNsAsync(operations: number, rounds: number, run: () => Promise<void>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await run();
    const spent = process.cpuUsage(before);
    best = Math.min(best, ((spent.user + spent.system) * 1000) / operations);
  }
  return best;
}
export function row(name: string, unit: string, ours: number, rival: { readonly name: string; readonly value: number }): Row {
  return {
    bench: 'cache',
    row: name,
    ours: rounded(ours),
    rival: rounded(rival.value),
    rivalName: rival.name,
    unit,
    ratio: rounded(rival.value / ours),
  };
}
const rounded = (value: number): number => Number(value.toPrecision(4));

/** Keys equal to those in the cache but distinct strings, in random order: what a server builds from requests. */
export function distinctKeys(count: number, draws: number, seed = 1): string[] {
  let state = seed >>> 0;
  return Array.from({ length: draws }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return flat(keyOf(Math.floor((state / 2 ** 32) * count)));
  });
}
/** The text as one flat string: what V8 builds from parts is flattened at the first look, which should not be charged to whoever looks first. */
export const flat = (text: string): string => Buffer.from(text).toString('latin1');
export const keyOf = (number: number): string => `user:${number}:profile`;
/** Bytes of heap and array buffers in use after collection. */
export function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
