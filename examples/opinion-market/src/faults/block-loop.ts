import type { Clock } from '@bellwether/monitor';

/** Computes for `durationMs` and lets nothing else run meanwhile. Returns how many rounds it did. */
export function blockLoop(clock: Clock, durationMs: number): number {
  const endsAtMs = clock.monotonicMs() + durationMs;
  let rounds = 0;
  for (let x = 1; clock.monotonicMs() < endsAtMs; rounds++) {
    for (let i = 0; i < 1000; i++) x = Math.sqrt(x + i);
  }
  return rounds;
}
