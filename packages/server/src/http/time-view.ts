/** An instant as the API tells it: ISO 8601 in UTC. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function isoTimeOrNull(atMs: number | null | undefined): string | null {
  return atMs === undefined || atMs === null ? null : isoTime(atMs);
}

/** Percentages with one decimal; other values short enough for people. */
export function rounded(value: number, unit: string): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  if (unit === 'percent') return Math.round(value * 10) / 10;
  return Math.abs(value) >= 1000 ? Math.round(value * 1000) / 1000 : Number(value.toPrecision(6));
}
