import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { openEmbeddedStore } from '../store/embedded-store.ts';

const PROGRAM = fileURLToPath(new URL('./testing/ending-program.ts', import.meta.url));
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'endings-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** What the program left on disk: newest values by name and label values. */
async function newestValues(): Promise<Map<string, number>> {
  await using store = openEmbeddedStore({ path: path.join(dataDir, 'samples.db'), clock: systemClock, log: silentLogger });
  const newest = new Map<string, number>();
  for (const { name, labels, values, length } of store.read(
    [{ label: '__name__', op: '=~', value: '.+' }],
    0,
    systemClock.nowMs() + 60_000,
  )) {
    newest.set([name, labels['reason'], labels['code']].filter(Boolean).join(' '), values[length - 1] ?? NaN);
  }
  return newest;
}

async function end(way: string, signal?: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  const child = fork(PROGRAM, [dataDir, way], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  // One that ends by itself may be gone before its word is read.
  await Promise.race([once(child, 'message'), exit]);
  if (signal !== undefined) child.kill(signal);
  const [code, by] = await exit;
  return { code, signal: by };
}

describe(
  'however a program ends, its last samples and the reason are on disk, and its parent sees what it would have seen',
  { timeout: 30_000 },
  () => {
    test.each([
      { way: 'runs out of work', code: 0, kept: 'exit 0' },
      { way: 'process.exit', code: 3, kept: 'exit 3' },
      { way: 'throws', code: 1, kept: 'uncaught_exception 1' },
      { way: 'rejects', code: 1, kept: 'unhandled_rejection 1' },
      { way: 'catches an error, then exits', code: 4, kept: 'exit 4' },
    ])('$way', async ({ way, code, kept }) => {
      expect(await end(way)).toEqual({ code, signal: null });
      const values = await newestValues();
      expect([values.get('last_words_total'), values.get(`process_exits_total ${kept}`)]).toEqual([5, 1]);
      expect([...values.keys()].filter((key) => key.startsWith('process_exits_total'))).toHaveLength(1);
    });

    test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s', async (signal) => {
      expect(await end('waits for a signal', signal)).toEqual({ code: null, signal });
      const values = await newestValues();
      expect([values.get('last_words_total'), values.get(`process_exits_total ${signal}`)]).toEqual([5, 1]);
    });

    test('a signal the program handles itself', async () => {
      expect(await end('handles the signal itself', 'SIGTERM')).toEqual({ code: 7, signal: null });
      const values = await newestValues();
      expect([values.get('last_words_total'), values.get('process_exits_total SIGTERM 7')]).toEqual([5, 1]);
    });

    test('SIGKILL is told to nobody, but the history opens', async () => {
      expect(await end('waits for a signal', 'SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      expect((await newestValues()).has('process_exits_total SIGKILL')).toBe(false);
    });
  },
);
