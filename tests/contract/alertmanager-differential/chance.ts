/** Repeatable chance. */
export interface Chance {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** Mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(items: readonly T[]): T => {
    const wanted = Math.floor(next() * items.length);
    for (const [place, item] of items.entries()) if (place === wanted) return item;
    throw new RangeError('there is nothing to pick from');
  };
  return { next, pick };
}
