/** Builds what is out of date: the libraries with tsc, the dashboard with vite into packages/server/dist/web. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, root, run } from './toolchain.mjs';

function newestMs(entry) {
  const stat = statSync(entry);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    stat.mtimeMs,
    ...readdirSync(entry)
      .filter((name) => name !== 'dist' && name !== 'node_modules')
      .map((name) => newestMs(path.join(entry, name))),
  );
}

export function build() {
  if (run('tsc', ['-b']) !== 0) return false;
  const page = path.join(root, 'packages/server/dist/web/index.html');
  const isFresh = existsSync(page) && statSync(page).mtimeMs > newestMs(path.join(root, 'packages/web'));
  return isFresh || run('vite', ['build', 'packages/web', '--logLevel', 'warn']) === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  install();
  process.exit(build() ? 0 : 1);
}
