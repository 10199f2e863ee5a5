/**
 * What cutting long synchronous work into slices does to the loop's delay.
 *
 * A task that arrives while the loop is blocked for B waits for the rest of it; with slices of length b between which the loop turns it
 * waits for the rest of one slice. So long delays shrink to about b: by `1 − b/B`. The interval spans slices of 50 ms (a few `setImmediate`s in
 * a hot loop) and of 10 ms (a worker thread). The work itself takes as long as before.
 */
import { gainInterval, type GainInterval } from './gain.ts';

const COARSE_SLICE_MS = 50;
const FINE_SLICE_MS = 10;

/** By how much the loop's delay falls. @param delayMs how long the loop is blocked now, > 0. */
export function slicingGain(delayMs: number): GainInterval {
  return gainInterval(1 - COARSE_SLICE_MS / delayMs, 1 - FINE_SLICE_MS / delayMs);
}
