/**
 * What relief of a busy resource does to response times.
 *
 * With `c` servers at utilisation `ρ` a request that needs time S takes about `S / (1 − ρᶜ)` (the usual approximation of M/M/c with one
 * queue; exact for c = 1). Taking a share of the load away lowers ρ, and the closer to saturation, the more that is worth. The number of
 * cores that work on one queue is rarely known, so the cautious end takes `MANY_CORES` (queueing sets in late) and the hopeful
 * one a single core. Beyond `ρ = 0.98` the formula runs away and is held there. Not a model of bursts.
 */
import { gainInterval, type GainInterval } from './gain.ts';

const MANY_CORES = 8;
const HIGHEST_UTILIZATION = 0.98;

/** Shares of the present load that may be taken away, 0 to 1. */
export interface Relief {
  readonly cautiousRatio: number;
  readonly hopefulRatio: number;
}

/** By how much response times fall when a resource at `utilizationRatio` (0 to 1) is relieved. */
export function queueingGain(utilizationRatio: number, relief: Relief): GainInterval {
  return gainInterval(gainWith(MANY_CORES, utilizationRatio, relief.cautiousRatio), gainWith(1, utilizationRatio, relief.hopefulRatio));
}

function gainWith(cores: number, utilizationRatio: number, reliefRatio: number): number {
  const before = Math.min(HIGHEST_UTILIZATION, Math.max(0, utilizationRatio));
  const after = before * (1 - reliefRatio);
  return 1 - (1 - before ** cores) / (1 - after ** cores);
}
