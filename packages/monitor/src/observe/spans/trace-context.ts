/**
 * W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context/): who called us, and what we tell those we call. Headers come from strangers, so what is not
 * exactly of the form is taken as absent, as the recommendation asks.
 */

/** Where a trace came from. Ids as 32-bit words, most significant first. */
export interface TraceParent {
  readonly traceId: Uint32Array;
  readonly spanId: Uint32Array;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const LONGEST_TRACEPARENT = 512;

/** @returns `undefined` for what is no traceparent: wrong form, upper case, zero ids, version ff, more than version 00 allows. */
export function parseTraceParent(text: string): TraceParent | undefined {
  if (text.length > LONGEST_TRACEPARENT) return undefined;
  const [, version, trace = '', span = '', flags = '', more] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const traceId = wordsOf(trace);
  const spanId = wordsOf(span);
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** 8 hexadecimal digits a word. */
export function wordsOf(hex: string): Uint32Array {
  return Uint32Array.from({ length: hex.length / 8 }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

function isZero(words: Uint32Array): boolean {
  return words.every((word) => word === 0);
}

export function hexOf(words: Uint32Array): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}

export function formatTraceParent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${hexOf(traceId)}-${hexOf(spanId)}-${isSampled ? '01' : '00'}`;
}

const MOST_MEMBERS = 32;
const LONGEST_TRACESTATE = 512;
const KEY = /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The tracestate as it may be passed on; `undefined` for one that is not of the form, doubles a key or is too long. */
export function cleanTraceState(text: string): string | undefined {
  if (text.length > LONGEST_TRACESTATE) return undefined;
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  const keys = new Set<string>();
  for (const member of members) {
    const end = member.indexOf('=');
    const key = member.slice(0, Math.max(0, end));
    if (!KEY.test(key) || !VALUE.test(member.slice(end + 1)) || keys.has(key)) return undefined;
    keys.add(key);
  }
  return keys.size === 0 || keys.size > MOST_MEMBERS ? undefined : members.join(',');
}

/** A header's value by its lower-case name in node's flat list of names and values, first one wins; `undefined` when absent. */
export function rawHeader(rawHeaders: readonly string[], name: string): string | undefined {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const found = rawHeaders[i] as string;
    if (found.length === name.length && (found === name || found.toLowerCase() === name)) return rawHeaders[i + 1];
  }
  return undefined;
}
