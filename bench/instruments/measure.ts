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

type Loop = (operation: (i: number) => void, operations: number) => void;

/** A loop of its own for each thing that is measured: one that has called several can inline none of them. */
function newLoop(): Loop {
  // oxlint-disable-next-line typescript/no-implied-eval -- functions made from one source share what V8 learns of them
  return new Function('operation', 'operations', 'for (let i = 0; i < operations; i++) operation(i);') as Loop;
}

/** Process CPU time in ns for one call of `operation`, the least of several rounds: others on the machine can only add. */
export function cpuNs(operations: number, operation: (i: number) => void): number {
  const loop = newLoop();
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage();
    loop(operation, operations);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / operations);
  }
  return best;
}

const CHUNKS = 20;
const CHUNK = 50_000;

/** Bytes of heap that one call allocates, over a million calls of warm code in chunks too small for a collection to hide any. Needs --expose-gc. */
export function allocatedBytes(operation: (i: number) => void): number {
  const loop = newLoop();
  loop(operation, CHUNKS * CHUNK);
  let bytes = 0;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    loop(operation, CHUNK);
    bytes += process.memoryUsage().heapUsed - before;
  }
  return Math.max(0, bytes / (CHUNKS * CHUNK));
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
      const line = {
        bench: this.#bench,
        row,
        ours: rounded(ours),
        rival: rounded(rival),
        rivalName,
        unit,
        ratio: ours === 0 ? Infinity : rounded(rival / ours),
      };
      this.#rows.push(line);
      if (this.#isJson) console.log(JSON.stringify(line));
    }
  }
  end(): void {
    if (!this.#isJson) console.table(this.#rows.map(({ bench: _, ...row }) => row));
  }
}
