/** A receiver cannot make us wait longer than this, in ms. */
const LONGEST_WAIT_MS = 3_600_000;

/** The instant a `Retry-After` header asks for, given in seconds or as an HTTP date; `undefined` for anything else. At most an hour away, never in the past. */
export function retryAfterAtMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const atMs = /^\d+(\.\d+)?$/.test(text) ? nowMs + Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(atMs, nowMs), nowMs + LONGEST_WAIT_MS);
}
