import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger, type Logger } from '../base/logger.ts';
import { createEngine } from './create-engine.ts';
import { createLocalCaches } from './local-caches.ts';

test('regression: a damaged state file that was set aside is told in the log, with where it is kept', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (_fields, message) => void errors.push(message) };
  const clock = new FakeClock(5);
  try {
    writeFileSync(path.join(dataDir, 'state.db'), 'no database '.repeat(1000));
    const caches = createLocalCaches(clock);
    await using _ = await createEngine({ clock, log, dataDir, intervalMs: 60_000, thresholds: {}, caches, collectHost: false });
    expect(errors).toEqual([expect.stringContaining('state.db.damaged-5; silences, tokens and history began anew')]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
