/**
 * Amdahl's law: making a part faster saves at most the time that part takes.
 *
 * A part that is the share `s` of the whole and becomes `k` times as fast shortens the whole by `s·(1 − 1/k)`. It holds where times add
 * up, so for mean times and for one request's steps; calls that run side by side save less, which is why the share comes in capped
 * at 1 and the interval spans a cautious and a hopeful speed-up. Reference: G. Amdahl, AFIPS 1967.
 */
import { gainInterval, type GainInterval } from './gain.ts';

/** How many times as fast the part may become, each ≥ 1. */
export interface Speedup {
  readonly cautious: number;
  readonly hopeful: number;
}

/** @param shareRatio of the part in the whole, 0 to 1. @throws {RangeError} for a speed-up below 1. */
export function amdahlGain(shareRatio: number, speedup: Speedup): GainInterval {
  if (!(speedup.cautious >= 1 && speedup.hopeful >= 1)) throw new RangeError('A speed-up is at least 1');
  return gainInterval(shareRatio * (1 - 1 / speedup.cautious), shareRatio * (1 - 1 / speedup.hopeful));
}
