/** How somebody arranged a list of parts: those they moved in their order, and those they hid. */
export interface Arrangement {
  readonly order: readonly string[];
  readonly hidden: readonly string[];
}

export const AS_MADE: Arrangement = { order: [], hidden: [] };

/** `keys` in the arranged order, hidden ones included. A key the arrangement does not know stays behind the one it follows by nature. */
export function orderedKeys(keys: readonly string[], { order }: Arrangement): string[] {
  const result = order.filter((key) => keys.includes(key));
  for (const [index, key] of keys.entries()) {
    if (result.includes(key)) continue;
    const before = keys[index - 1];
    result.splice(before === undefined ? 0 : result.indexOf(before) + 1, 0, key);
  }
  return result;
}

/** The keys to show, in the arranged order. */
export function visibleKeys(keys: readonly string[], arrangement: Arrangement): string[] {
  return orderedKeys(keys, arrangement).filter((key) => !arrangement.hidden.includes(key));
}

/** The arrangement with `key` in the place of `target`, what lies between moving up. Unchanged when either is not shown. */
export function movedTo(keys: readonly string[], arrangement: Arrangement, [key, target]: readonly [string, string]): Arrangement {
  const shown = visibleKeys(keys, arrangement);
  const to = shown.indexOf(target);
  if (to < 0 || !shown.includes(key)) return arrangement;
  const rest = shown.filter((other) => other !== key);
  return { ...arrangement, order: rest.toSpliced(to, 0, key) };
}

/** The arrangement with `key` hidden, or shown again where it was. */
export function withHidden(arrangement: Arrangement, key: string, isHidden: boolean): Arrangement {
  const others = arrangement.hidden.filter((hidden) => hidden !== key);
  return { ...arrangement, hidden: isHidden ? [...others, key] : others };
}
