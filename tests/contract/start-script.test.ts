/** What `npm start` stands on: the program ends with whoever started it. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from './server-process.ts';

const TOOLCHAIN = path.resolve(import.meta.dirname, '../../scripts/toolchain.mjs');
const PROGRAM = 'console.log(process.pid); setInterval(() => {}, 1000)';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('regression: a program that npm’s shell started does not outlive the shell', { timeout: 30_000 }, async () => {
  const script = `import { runForeground } from ${JSON.stringify(TOOLCHAIN)}; process.exit(await runForeground('node', ['-e', ${JSON.stringify(PROGRAM)}]))`;
  // The second command keeps the shell from giving its place to the first.
  const shell = spawn('sh', ['-c', 'node --input-type=module -e "$SCRIPT"; true'], {
    env: { ...process.env, npm_lifecycle_event: 'start', SCRIPT: script },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) => void shell.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))));
  try {
    expect(isAlive(pid)).toBe(true);
    shell.kill('SIGTERM');
    const hasEnded = await eventually(async () => !isAlive(pid), Boolean, 10_000);
    expect(hasEnded).toBe(true);
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
});
