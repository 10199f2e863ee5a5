/** `npm start` and `npm run demo`: install, build, and run the command line with the arguments given after `--`. */
import path from 'node:path';
import { build } from './build.mjs';
import { install, root, runForeground } from './toolchain.mjs';

install();
if (!build()) {
  console.error('The build failed: see above.');
  process.exit(1);
}
process.exit(
  await runForeground('node', [
    '--disable-warning=ExperimentalWarning',
    path.join(root, 'packages/server/dist/cli/bellwether.js'),
    ...process.argv.slice(2),
  ]),
);
