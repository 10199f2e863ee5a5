/** From least to most urgent. `low` is a learned threshold's alone. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Position in `SEVERITIES`, 0 to 3: for sorting and comparing. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** How many of something there are at each level. */
export type SeverityBreakdown = Readonly<Record<Severity, number>>;

export function severityBreakdown(levels: Iterable<Severity>): SeverityBreakdown {
  const counts = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const level of levels) counts[level]++;
  return counts;
}

/** How many there are at all levels together. */
export function breakdownTotal(counts: SeverityBreakdown): number {
  return SEVERITIES.reduce((total, severity) => total + counts[severity], 0);
}
