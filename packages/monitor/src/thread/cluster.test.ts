import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Told {
  readonly notices: readonly string[];
  readonly metrics: readonly string[];
}

test(
  'of two cluster workers with one data directory the second says that it keeps its history in memory, and both watch',
  { timeout: 30_000 },
  async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'cluster-'));
    const primary = fork(fileURLToPath(new URL('./testing/cluster-program.ts', import.meta.url)), [dataDir], {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    });
    const exit = once(primary, 'exit');
    const [told] = (await once(primary, 'message')) as [readonly Told[]];
    await exit;
    rmSync(dataDir, { recursive: true });
    for (const { metrics } of told) expect(metrics).toEqual(expect.arrayContaining(['cpu_usage', 'jobs']));
    const notices = told.flatMap((one) => one.notices);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/is in use by process \d+\. History and alerts are kept in memory only/);
  },
);
