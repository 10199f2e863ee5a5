import type { Backtest } from '../api-types.ts';

const MOST_LISTED = 20;

/** What people read of a replay. @param name of the alert */
export function backtestReport(name: string, result: Backtest): string {
  const { fired, firing_seconds: firing, longest_seconds: longest, pending_only: pendingOnly, flaps, evaluations, series, notes } = result;
  const times = fired === 1 ? 'once' : `${fired} times`;
  const window = `${result.from} to ${result.to}`;
  const lines = [
    `${name}: ${fired === 0 ? 'would not have fired' : `would have fired ${times}`}`,
    `  ${window}, ${evaluations} evaluations every ${lengthText(result.interval_seconds)}, ${series} series`,
    `  firing for ${lengthText(firing)} in total (${result.firing_percent.toFixed(1)}% of the time), the longest ${lengthText(longest)}`,
    `  ${flaps} flaps; ${pendingOnly} breaches ended before they fired`,
    ...notes.map((note) => `  note: ${note}`),
    ...result.firings.slice(0, MOST_LISTED).map(firingText),
  ];
  if (result.firings.length > MOST_LISTED) lines.push(`  … and ${result.firings.length - MOST_LISTED} before that`);
  return lines.join('\n');
}

function firingText({ labels, severity, fired_at: firedAt, resolved_at: resolvedAt, peak }: Backtest['firings'][number]): string {
  const shown = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const length = resolvedAt === null ? 'still firing' : lengthText((Date.parse(resolvedAt) - Date.parse(firedAt)) / 1000);
  return `  ${firedAt}  ${severity.padEnd(8)}  ${length.padEnd(12)}  peak ${peak === null ? '-' : Number(peak.toPrecision(6))}  {${shown.join(', ')}}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** `1h 30m`, two units at most. */
function lengthText(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [unit, unitSeconds] of UNITS) {
    const count = Math.floor(rest / unitSeconds);
    rest -= count * unitSeconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.slice(0, 2).join(' ');
}
