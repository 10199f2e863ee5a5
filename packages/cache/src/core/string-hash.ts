/**
 * 32-bit hash of a string, seeded so that nobody outside can choose keys that collide. One multiplication a UTF-16 unit and a strong
 * final mix (the index takes the low bits, the sample of the shadow caches the high ones). About 1 ns a character; V8 gives no access to its own.
 */
export function hashString(text: string, seed: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return hash ^ (hash >>> 16);
}
