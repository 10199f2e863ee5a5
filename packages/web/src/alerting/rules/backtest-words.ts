import type { Backtest } from '@bellwether/server/api';
import { durationText } from '../../format/time.ts';

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** `Would have fired 4 times, for 12 min in all (1.2 % of the time), the longest 5 min, with 1 flap.` */
export function backtestWords({ fired, flaps, firing_seconds, firing_percent, longest_seconds, pending_only }: Backtest): string {
  const pending =
    pending_only === 0 ? '' : ` ${pending_only === 1 ? '1 breach' : `${pending_only} breaches`} ended before the holding time.`;
  if (fired === 0) return `Would not have fired.${pending}`;
  const length = (seconds: number): string => durationText(seconds * 1000);
  const longest = fired > 1 ? `, the longest ${length(longest_seconds)}` : '';
  const unsteady = flaps === 0 ? 'without a flap' : `with ${flaps === 1 ? '1 flap' : `${flaps} flaps`}`;
  return `Would have fired ${times(fired)}, for ${length(firing_seconds)} in all (${firing_percent} % of the time)${longest}, ${unsteady}.${pending}`;
}
