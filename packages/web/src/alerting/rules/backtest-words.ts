import type { Backtest } from '@bellwether/server/api';
import { durationText } from '../../format/time.ts';

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function share(seconds: number, { series, firing_percent }: Backtest): string {
  const length = durationText(seconds * 1000);
  if (series <= 1) return `for ${length} in all (${firing_percent} % of the time)`;
  return `for ${length} in all over ${series} series, at least one firing ${firing_percent} % of the time`;
}

/** `Would have fired 4 times, for 12 min in all (1.2 % of the time), the longest 5 min, with 1 flap.` */
export function backtestWords(result: Backtest): string {
  const { fired, flaps, firing_seconds, longest_seconds, pending_only } = result;
  const pending =
    pending_only === 0 ? '' : ` ${pending_only === 1 ? '1 breach' : `${pending_only} breaches`} ended before the holding time.`;
  if (fired === 0) return `Would not have fired.${pending}`;
  const longest = fired > 1 ? `, the longest ${durationText(longest_seconds * 1000)}` : '';
  const unsteady = flaps === 0 ? 'without a flap' : `with ${flaps === 1 ? '1 flap' : `${flaps} flaps`}`;
  return `Would have fired ${times(fired)}, ${share(firing_seconds, result)}${longest}, ${unsteady}.${pending}`;
}
