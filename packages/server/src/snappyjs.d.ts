/** Types of what is used of snappyjs, which brings none. */
declare module 'snappyjs' {
  /** @throws Error for bytes that are not snappy's block format, or longer than `maxLength` once decompressed. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
  export function compress(plain: Uint8Array): Uint8Array;
}
