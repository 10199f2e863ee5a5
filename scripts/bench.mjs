/** `npm run bench NAME [-- --json]`: builds, then runs bench/NAME/main.ts. Without a name: lists them. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from './build.mjs';
import { install, root, runForeground } from './toolchain.mjs';

const folder = path.join(root, 'bench');
const [name, ...args] = process.argv.slice(2);
const entry = name && [`${name}/main.ts`].map((file) => path.join(folder, file)).find((file) => existsSync(file));
if (!entry) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.isDirectory() && existsSync(path.join(folder, item.name, 'main.ts')))
    .map((item) => item.name);
  console.error(`Usage: npm run bench NAME [-- --json]\nBenchmarks: ${names.join(', ') || 'none yet'}`);
  process.exit(2);
}
install();
if (!build()) process.exit(1);
process.exit(await runForeground('node', ['--expose-gc', '--disable-warning=ExperimentalWarning', entry, ...args]));
