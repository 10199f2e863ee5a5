import { ApiProblem } from './problem.ts';

/** What a JSON body may hold, told before it is parsed: a few megabytes of text can be millions of objects. */
export interface JsonBounds {
  /** Brackets inside brackets. */
  readonly depth: number;
  /** Elements of the outermost list. */
  readonly elements: number;
  /** Members and elements of everything together. */
  readonly values: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const isOpening = (byte: number): boolean => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number): boolean => byte === 0x5d || byte === 0x7d;

/**
 * One pass over the bytes, without memory, ended at the first excess: 16 MiB take some 30 ms. Does not judge whether it is JSON at all.
 * @throws ApiProblem `body_invalid`
 */
export function checkJsonBounds(bytes: Uint8Array, bounds: JsonBounds): void {
  let depth = 0;
  let values = 1;
  let elements = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfText(bytes, at + 1);
    else if (isOpening(byte)) depth++;
    else if (isClosing(byte)) depth--;
    else if (byte === COMMA) {
      values++;
      if (depth === 1) elements++;
    } else continue;
    if (depth > bounds.depth) throw new ApiProblem('body_invalid', `The body is nested more than ${bounds.depth} deep.`);
    if (elements > bounds.elements) throw new ApiProblem('body_invalid', `The list must be at most ${bounds.elements} items long.`);
    if (values > bounds.values) throw new ApiProblem('body_invalid', `The body has more than ${bounds.values} values.`);
  }
}

/** Where the text that begins there ends: at its closing quote. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
