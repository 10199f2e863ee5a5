/** One comparison. `ratio` above 1: ours is better, whatever the unit; `null` when ours is 0. */
export interface Row {
  readonly bench: 'cache';
  readonly row: string;
  readonly ours: number;
  readonly rival: number;
  readonly rivalName: string;
  readonly unit: string;
  readonly ratio: number | null;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Collects rows: with `--json` one line each at once, else a table at the end. */
export class Report {
  readonly #rows: Row[] = [];
  readonly #isJson = process.argv.includes('--json');

  /** @param rivals Figure of each rival by its name, in the same unit. */
  add(row: string, unit: string, ours: number, rivals: Readonly<Record<string, number>>): void {
    for (const [rivalName, rival] of Object.entries(rivals)) {
      const ratio = ours === 0 ? null : rounded(rival / ours);
      const line: Row = { bench: 'cache', row, ours: rounded(ours), rival: rounded(rival), rivalName, unit, ratio };
      this.#rows.push(line);
      if (this.#isJson) console.log(JSON.stringify(line));
    }
  }
  end(): void {
    if (!this.#isJson) console.table(this.#rows.map(({ bench: _bench, ...shown }) => shown));
  }
}
