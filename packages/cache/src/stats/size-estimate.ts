/**
 * Estimated heap bytes of a value, for `total_size` and the entries page. Follows objects to 4 levels and samples long lists and wide
 * records, so it costs at most a few hundred steps; V8's headers are reckoned, hidden classes and shared strings are not.
 */
export function estimateBytes(value: unknown, depth = 4): number {
  switch (typeof value) {
    case 'string':
      return 24 + value.length;
    case 'number':
      return 12;
    case 'bigint':
      return 24;
    case 'object':
      return value === null ? 8 : estimateObject(value, depth);
    case 'function':
      return 64;
    default:
      return 8;
  }
}

const SAMPLED = 16;

function estimateObject(value: object, depth: number): number {
  if (ArrayBuffer.isView(value)) return 96 + value.byteLength;
  if (value instanceof ArrayBuffer) return 96 + value.byteLength;
  if (value instanceof Date) return 40;
  if (value instanceof Map) return 64 + sampled([...firstOf(value.entries())].flat(), value.size * 2, depth);
  if (value instanceof Set) return 64 + sampled([...firstOf(value.values())], value.size, depth);
  if (Array.isArray(value)) return 32 + sampled(value.slice(0, SAMPLED), value.length, depth);
  const names = Object.keys(value);
  const shownValues = names.slice(0, SAMPLED).map((name) => (value as Record<string, unknown>)[name]);
  return 24 + sampled(shownValues, names.length, depth);
}

function sampled(items: readonly unknown[], count: number, depth: number): number {
  if (count === 0) return 0;
  if (depth <= 0 || items.length === 0) return count * 16;
  let bytes = 0;
  for (const item of items) bytes += 8 + estimateBytes(item, depth - 1);
  return Math.round((bytes / items.length) * count);
}

function* firstOf<T>(items: Iterable<T>): Generator<T> {
  let left = SAMPLED;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
