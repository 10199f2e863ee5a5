const STALE_HIGH = 0x7ff0_0000;
const STALE_LOW = 2;
const words = new Uint32Array(2);
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
words[isLittleEndian ? 1 : 0] = STALE_HIGH;
words[isLittleEndian ? 0 : 1] = STALE_LOW;

/** Whether the value at `index` is the staleness marker; other NaNs are values. */
export function isStaleAt(values: Float64Array, index: number): boolean {
  const value = values[index] as number;
  if (value === value) return false;
  const bits = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  return bits[0] === words[0] && bits[1] === words[1];
}

/** Makes the value at `index` the staleness marker. */
export function writeStaleAt(values: Float64Array, index: number): void {
  new Uint32Array(values.buffer, values.byteOffset + index * 8, 2).set(words);
}
