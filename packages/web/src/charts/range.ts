/** A choice of how far back charts go. `stepSeconds` keeps every range near 150 to 360 points a line. */
export interface Range {
  readonly key: '5m' | '1h' | '6h' | '24h';
  readonly title: string;
  readonly seconds: number;
  readonly stepSeconds: number;
}

export const RANGES: readonly Range[] = [
  { key: '5m', title: 'last 5 minutes', seconds: 300, stepSeconds: 2 },
  { key: '1h', title: 'last hour', seconds: 3600, stepSeconds: 15 },
  { key: '6h', title: 'last 6 hours', seconds: 21_600, stepSeconds: 60 },
  { key: '24h', title: 'last 24 hours', seconds: 86_400, stepSeconds: 300 },
];

/** The range of that key; the first when there is none. */
export function rangeOf(key: string | null | undefined): Range {
  return RANGES.find((range) => range.key === key) ?? (RANGES[0] as Range);
}
