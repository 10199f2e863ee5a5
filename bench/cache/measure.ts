/** CPU nanoseconds (user and system) per operation: the least of `rounds`, because other programs only ever add. */
export function cpuNs(operations: number, rounds: number, run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    run();
    best = Math.min(best, spentNs(before) / operations);
  }
  return best;
}
/** As `cpuNs` for several runs that take turns, so that what else the machine does meets all of them alike. */
export function cpuNsInTurns<Name extends string>(
  operations: number,
  rounds: number,
  runs: Readonly<Record<Name, () => void>>,
): Record<Name, number> {
  const best = {} as Record<Name, number>;
  for (let round = 0; round < rounds; round++)
    for (const name of Object.keys(runs) as Name[]) best[name] = Math.min(best[name] ?? Infinity, cpuNs(operations, 1, runs[name]));
  return best;
}
export async function cpuNsAsync(operations: number, rounds: number, run: () => Promise<void>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await run();
    best = Math.min(best, spentNs(before) / operations);
  }
  return best;
}
function spentNs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

/** CPU milliseconds of `run`, collection pauses and helpers included: other programs on the machine do not count. */
export function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  return spentNs(before) / 1e6;
}
/** Longest turn of the event loop, in CPU ms, while `work` is under way. */
export async function longestTurnMs(work: Promise<unknown>): Promise<number> {
  const state = { isDone: false };
  let longest = 0;
  void work.finally(() => (state.isDone = true));
  for (let before = process.cpuUsage(); !state.isDone; before = process.cpuUsage()) {
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, spentNs(before) / 1e6);
  }
  return longest;
}

/** Keys equal to those in the cache but distinct strings, in random order: what a server builds from requests. */
export function distinctKeys(count: number, draws: number, seed = 1): string[] {
  return draw(count, draws, seed).map((number) => flat(keyOf(number)));
}
/** `draws` random numbers below `count`. */
export function draw(count: number, draws: number, seed = 1): number[] {
  let state = seed >>> 0;
  return Array.from({ length: draws }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  });
}
/** The text as one flat string: what V8 builds from parts is flattened at the first look, which should not be charged to whoever looks first. */
export const flat = (text: string): string => Buffer.from(text).toString('latin1');
export const keyOf = (number: number): string => `user:${number}:profile`;
export const sized = (size: number): string => (size >= 1_000_000 ? `${size / 1_000_000}M` : `${size / 1000}k`);

/** Bytes of heap and array buffers in use after collection. */
export async function heapBytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
