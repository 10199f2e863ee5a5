/**
 * Which route a statement or a stall belongs to, when no span says so.
 *
 * What a route causes rises and falls with its calls: over the slices of the window the number of its calls and the quantity in question are
 * correlated, while routes that have nothing to do with it vary by themselves (arrivals are random, which is what makes this work). So the
 * route with the highest Pearson correlation is named, if it is high enough and clearly ahead of the next. Two routes that are always called
 * together cannot be told apart this way, and then none is named. O(routes · slices).
 */
import type { RouteReading } from './reading.ts';

const LEAST_CORRELATION = 0.65;
const LEAST_LEAD = 0.1;
const SLICES_NEEDED = 6;

/** `METHOD template` of the route whose calls go with `quantity` (one number a slice, in the order of `callsBySlice`); `undefined` when none stands out. */
export function likelyRoute(quantity: readonly number[], routes: readonly RouteReading[]): string | undefined {
  if (quantity.length < SLICES_NEEDED) return undefined;
  const [best, next] = routes
    .map((route) => ({ name: `${route.method} ${route.route}`, correlation: correlation(quantity, route.callsBySlice) }))
    .toSorted((a, b) => b.correlation - a.correlation);
  if (best === undefined || best.correlation < LEAST_CORRELATION) return undefined;
  return next !== undefined && best.correlation - next.correlation < LEAST_LEAD ? undefined : best.name;
}

/** Pearson's r, -1 to 1; 0 when either does not vary. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const count = Math.min(a.length, b.length);
  if (count === 0) return 0;
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < count; i++) {
    sumA += a[i] as number;
    sumB += b[i] as number;
  }
  let together = 0;
  let spreadA = 0;
  let spreadB = 0;
  for (let i = 0; i < count; i++) {
    const fromA = (a[i] as number) - sumA / count;
    const fromB = (b[i] as number) - sumB / count;
    together += fromA * fromB;
    spreadA += fromA * fromA;
    spreadB += fromB * fromB;
  }
  return spreadA === 0 || spreadB === 0 ? 0 : together / Math.sqrt(spreadA * spreadB);
}
