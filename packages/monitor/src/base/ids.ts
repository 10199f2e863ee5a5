import { randomUUID } from 'node:crypto';

/** Makes identifiers. Injected so that tests get the same ones each run. */
export type IdSource = () => string;

/** Random version-4 UUIDs. */
export const randomIds: IdSource = () => randomUUID();

/** `prefix-1`, `prefix-2`, …: for tests. */
export function countingIds(prefix = 'id'): IdSource {
  let count = 0;
  return () => `${prefix}-${++count}`;
}
