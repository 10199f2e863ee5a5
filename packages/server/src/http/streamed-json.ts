import { setImmediate as nextTurn } from 'node:timers/promises';

/** Pieces put together before others have their turn: 1 ms or so. */
const SLICE_PIECES = 200;

/**
 * A JSON answer of any length, written piece by piece: between two slices the event loop goes round, so that it delays nobody else, and no more than
 * a slice of it is in memory. A piece may be empty: it stands for work.
 */
export function streamedJson(pieces: Iterable<string>): Response {
  const text = ReadableStream.from(slices(pieces)).pipeThrough(new TextEncoderStream());
  return new Response(text, { headers: { 'content-type': 'application/json' } });
}

async function* slices(pieces: Iterable<string>): AsyncGenerator<string> {
  let slice = '';
  let count = 0;
  for (const piece of pieces) {
    slice += piece;
    if (++count % SLICE_PIECES !== 0) continue;
    if (slice !== '') yield slice;
    slice = '';
    await nextTurn();
  }
  if (slice !== '') yield slice;
}
