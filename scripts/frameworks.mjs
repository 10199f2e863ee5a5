/** Frameworks and drivers that only tests need: tests/frameworks has a lock of its own, so that whoever only starts the program does not install them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './toolchain.mjs';

const folder = path.join(root, 'tests', 'frameworks');
const stampFile = path.join(folder, 'node_modules', '.installed-from');

/** Installs what its package-lock.json names, unless exactly that was installed here before. Without it the tests that need it are skipped; in CI that is a failure. */
export function installFrameworks() {
  const digest = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) return;
  console.log('Installing the frameworks that tests watch (once) …');
  const code = run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: folder });
  if (code === 0) return writeFileSync(stampFile, digest);
  console.error('\n*** NOT INSTALLED: tests/frameworks. Tests of frameworks and drivers are skipped. ***\n');
  if (process.env.CI) process.exit(1);
}
