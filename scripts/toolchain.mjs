/**
 * What the other scripts stand on: the packages installed as locked, and Node 24 from node_modules first on the path, whatever Node
 * started npm. Runs on Node 20 and newer, with nothing installed yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, 'node_modules', '.bin');
const stampFile = path.join(root, 'node_modules', '.installed-from');
const PARENT_CHECK_MS = 500;

export const environment = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };

/** Runs a program to its end with inherited output; returns its exit code. */
export function run(command, args = [], options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment, ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Starts a program with inherited output and passes signals on; resolves with its exit code. */
export function runForeground(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: process.env.INIT_CWD ?? root, stdio: 'inherit', env: environment });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    if (process.env.npm_lifecycle_event !== undefined) stopWithParent(child);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));
  });
}

/** npm runs scripts through a shell that dies of a signal and hands it on to nobody: a program of `npm start` would outlive it and hold its port. */
function stopWithParent(child) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), PARENT_CHECK_MS).unref();
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

/** Installs what package-lock.json names, unless exactly that was installed here before. */
export function install() {
  const digest = lockDigest();
  if (existsSync(stampFile) && existsSync(path.join(bin, 'node')) && readFileSync(stampFile, 'utf8') === digest) return;
  console.log('Installing packages (once, about 20 s) …');
  const code = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) {
    console.error('npm ci failed: see above. Is the npm registry reachable?');
    process.exit(1);
  }
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, digest);
}
