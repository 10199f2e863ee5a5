/**
 * What the whole agent costs a process: store, rules, collectors and 1,000 series a second, beside the same process without it, and whether queries to its
 * API delay the main thread. `--seconds=60` measures longer.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Report } from '../instruments/measure.ts';
import type { Usage } from './watched-process.ts';

const PROGRAM = fileURLToPath(new URL('watched-process.ts', import.meta.url));
const TOKEN = 'a-token-for-the-benchmark';
/** V8 compiles what is hot for longer than it seems. */
const WARM_UP_MS = 45_000;
const MEASURED_MS = 1000 * Number(process.argv.find((argument) => argument.startsWith('--seconds='))?.slice(10) ?? 30);
const MB = 2 ** 20;

/** Netdata 1.37 on a machine of this kind, measured the same way. */
const NETDATA = { cpuPercent: 1.14, megabytes: 54 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const folder = mkdtempSync(path.join(tmpdir(), 'agent-'));

class Watched implements Disposable {
  readonly #child: ChildProcess;
  readonly apiUrl: string | undefined;

  private constructor(child: ChildProcess, apiUrl: string | undefined) {
    this.#child = child;
    this.apiUrl = apiUrl;
  }
  static async start(mode: 'bare' | 'watched' | 'served'): Promise<Watched> {
    const child = fork(PROGRAM, [mode, path.join(folder, mode)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    const [{ apiUrl }] = (await once(child, 'message')) as [{ readonly apiUrl?: string }];
    return new Watched(child, apiUrl);
  }
  async ask(order: 'usage' | 'delay' | 'no delay'): Promise<Usage> {
    this.#child.send(order);
    const [usage] = (await once(this.#child, 'message')) as [Usage];
    return usage;
  }
  [Symbol.dispose](): void {
    this.#child.disconnect();
  }
}

/** Percent of a core and resident megabytes once it has settled. */
async function costOf(mode: 'bare' | 'watched'): Promise<{ readonly cpuPercent: number; readonly megabytes: number }> {
  using watched = await Watched.start(mode);
  await pause(WARM_UP_MS);
  const before = await watched.ask('usage');
  await pause(MEASURED_MS);
  const after = await watched.ask('usage');
  return {
    cpuPercent: (100 * (after.cpuMs - before.cpuMs)) / (after.atMs - before.atMs),
    megabytes: after.residentBytes / MB,
  };
}

/** Asks one heavy range query after another until told to stop; returns how many were answered. */
async function query(apiUrl: string, isOver: () => boolean): Promise<number> {
  let answered = 0;
  while (!isOver()) {
    const nowSeconds = Date.now() / 1000;
    const search = new URLSearchParams({
      query: 'quantile by (shard) (0.9, rate(queue_depth[1m]))',
      start: String(nowSeconds - 300),
      end: String(nowSeconds),
      step: '1',
    });
    const response = await fetch(new URL(`/api/v1/query_range?${search}`, apiUrl), { headers: { authorization: `Bearer ${TOKEN}` } });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    await response.arrayBuffer();
    answered++;
  }
  return answered;
}

/** 99th percentile of the main thread's loop delay in ms, in turns without and with queries under way; the least of each, for others can only add. */
async function delays(): Promise<{ readonly quiet: number; readonly queried: number; readonly queries: number }> {
  using watched = await Watched.start('served');
  const { apiUrl } = watched;
  if (apiUrl === undefined) throw new Error('the API is not served');
  await pause(WARM_UP_MS);
  await watched.ask('delay');
  let [quiet, queried, queries] = [Infinity, Infinity, 0];
  for (let round = 0; round < 4; round++) {
    await watched.ask('usage');
    await pause(4000);
    quiet = Math.min(quiet, (await watched.ask('usage')).delayP99Ms);
    let isOver = false;
    const querying = query(apiUrl, () => isOver);
    await pause(4000);
    queried = Math.min(queried, (await watched.ask('usage')).delayP99Ms);
    isOver = true;
    queries += await querying;
  }
  return { quiet, queried, queries };
}

const report = new Report('agent');
try {
  const bare = await costOf('bare');
  const watched = await costOf('watched');
  report.add('whole agent, 1,000 series a second: CPU', '% of a core', watched.cpuPercent - bare.cpuPercent, {
    'Netdata 1.37': NETDATA.cpuPercent,
  });
  report.add('whole agent, 1,000 series a second: memory', 'MB', watched.megabytes - bare.megabytes, { 'Netdata 1.37': NETDATA.megabytes });
  const { quiet, queried, queries } = await delays();
  report.add(`main loop's p99 delay while the worker answers queries (${queries})`, 'ms', queried, { 'no queries': quiet });
  report.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
