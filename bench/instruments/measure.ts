/** One comparison. `ratio` above 1: ours is better. */
export interface Row {
  readonly bench: string;
  readonly row: string;
  readonly ours: number;
  readonly rival: number;
  readonly rivalName: string;
  readonly unit: string;
  readonly ratio: number;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Process CPU time in ns for one call of `operation`, the least of several rounds: others on the machine can only add. */
export function cpuNs(operations: number, operation: (i: number) => void): number {
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < operations; i++) operation(i);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / operations);
  }
  return best;
}

/** Bytes of heap and buffers that `make` keeps. Needs --expose-gc. */
export function heapBytesOf(make: () => unknown): number {
  const used = (): number => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  const kept = make();
  const after = used();
  if (kept === undefined) throw new Error('nothing was kept: the benchmark is broken');
  return after - before;
}

/** Collects rows: with `--json` one line each at once, else a table at the end. */
export class Report {
  readonly #bench: string;
  readonly #rows: Row[] = [];
  readonly #isJson = process.argv.includes('--json');

  constructor(bench: string) {
    this.#bench = bench;
  }
  add(row: string, unit: string, ours: number, rivals: Readonly<Record<string, number>>): void {
    for (const [rivalName, rival] of Object.entries(rivals)) {
      const line = { bench: this.#bench, row, ours: rounded(ours), rival: rounded(rival), rivalName, unit, ratio: rounded(rival / ours) };
      this.#rows.push(line);
      if (this.#isJson) console.log(JSON.stringify(line));
    }
  }
  end(): void {
    if (!this.#isJson) console.table(this.#rows.map(({ bench: _, ...row }) => row));
  }
}
