/**
 * Traffic as the world sends it: requests come at a fixed mean rate whether or not earlier ones were answered (an open loop, so a
 * slow service meets the queue it would meet in production), independent of one another (Poisson arrivals), and a few markets get most of
 * them (Zipf).
 */

/** Uniform in [0, 1). */
export type Random = () => number;

/** Ms until the next arrival of a Poisson process. @param perSecond > 0. */
export function nextArrivalMs(perSecond: number, random: Random): number {
  return (-Math.log(1 - random()) * 1000) / perSecond;
}

/** Draws 1 to `count`, number k with a weight of 1/k^`exponent`. O(log count) a draw. */
export function zipf(count: number, exponent: number): (random: Random) => number {
  const cumulative: number[] = [];
  let total = 0;
  for (let k = 1; k <= count; k++) cumulative.push((total += k ** -exponent));
  return (random) => {
    const target = random() * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  };
}
