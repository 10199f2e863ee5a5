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
  const names = Object.keys(runs) as Name[];
  for (let round = 0; round < rounds; round++) {
    // Who went last goes first: what one leaves behind in the processor's cache and the heap meets each.
    for (const name of names) best[name] = Math.min(best[name] ?? Infinity, cpuNs(operations, 1, runs[name]));
    names.reverse();
  }
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

/** CPU milliseconds that `run` holds this thread, collection pauses included; other programs, and V8's compiler and collector beside it, do not count. */
export function cpuMs(run: () => void): number {
  const beforeMs = threadMs();
  run();
  return threadMs() - beforeMs;
}
/** Longest turn of the event loop, in CPU ms as by `cpuMs`, from the call of `start` to the end of what it began. */
export async function longestTurnMs(start: () => Promise<unknown>): Promise<number> {
  const state = { isDone: false };
  let beforeMs = threadMs();
  void start().finally(() => (state.isDone = true));
  let longestMs = threadMs() - beforeMs;
  while (!state.isDone) {
    beforeMs = threadMs();
    await new Promise((resolve) => setImmediate(resolve));
    longestMs = Math.max(longestMs, threadMs() - beforeMs);
  }
  return longestMs;
}
function threadMs(): number {
  // Linux brings a thread's time up to date only when its process's is asked for; by itself it is that of the last tick.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
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
