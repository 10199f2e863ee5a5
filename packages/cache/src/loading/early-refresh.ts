/**
 * Early probabilistic refresh (XFetch).
 *
 * Idea: each reader of a fresh value decides by itself whether to renew it now: when `now − loadMs · β · ln(u) ≥ expiry`, u uniform in (0, 1]. The
 * advance is exponentially distributed with mean `β · loadMs`, which is optimal: no other distribution of the same mean leaves fewer readers
 * with an expired value. No lock, no coordination between processes, no timer; costs one random number a hit, and only where it is turned on. Of
 * no use for keys read less than about once per load time.
 *
 * A. Vattani, F. Chierichetti, K. Lowenstein: Optimal probabilistic cache stampede prevention. PVLDB 8(8), 2015.
 *
 * @param random Uniform in [0, 1).
 */
export function isDueEarly(
  entry: { readonly expiresAtMs: number; readonly loadMs: number },
  beta: number,
  at: { readonly nowMs: number; readonly random: number },
): boolean {
  return at.nowMs - entry.loadMs * beta * Math.log(1 - at.random) >= entry.expiresAtMs;
}
