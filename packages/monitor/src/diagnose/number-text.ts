const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for people: `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10)));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value.toFixed(0) : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** A time for people: `0.4 ms`, `35 ms`, `2.1 s`. */
export function millisecondsText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/** A span for people in its largest fitting unit: `45 s`, `12 min`, `3.5 h`, `2.0 days`. */
export function spanText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}

/** A fraction as a percentage: 0.425 → `43 %`. */
export function ratioText(ratio: number): string {
  return `${(100 * ratio).toFixed(0)} %`;
}

/** A rate per second: `12.5/s`. */
export function rateText(perSecond: number): string {
  return `${perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1)}/s`;
}
