export interface Row {
  readonly bench: 'store';
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** What ours must not exceed. */
  readonly mark: number;
}
/** Takes one measurement of a subject. */
export type Report = (metric: string, value: number, unit: string, mark: number) => void;

export function rowOf(subject: string, measured: Parameters<Report>): Row {
  const [metric, value, unit, mark] = measured;
  return { bench: 'store', subject, metric, value: Math.round(value * 1000) / 1000, unit, mark };
}

/** Metrics down, subjects across. */
export function table(rows: readonly Row[]): string {
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  const lines = [['', ...subjects, 'mark']];
  for (const metric of new Set(rows.map((row) => row.metric))) {
    const found = rows.filter((row) => row.metric === metric);
    const [{ unit, mark }] = found as [Row];
    const cells = subjects.map((subject) => found.find((row) => row.subject === subject)?.value);
    lines.push([`${metric} (${unit})`, ...cells.map((value) => (value === undefined ? '–' : String(value))), String(mark)]);
  }
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length))) ?? [];
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  '))
    .join('\n');
}
