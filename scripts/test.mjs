/**
 * `npm test`: everything a change must pass, on a machine that has nothing but npm. `--static` leaves out the tests that run code;
 * other arguments go to vitest. Ends with the line `N passed, N failed` over checks and tests together.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from './build.mjs';
import { installFrameworks } from './frameworks.mjs';
import { installServers } from './servers.mjs';
import { install, root, run } from './toolchain.mjs';

const args = process.argv.slice(2);
const staticOnly = args.includes('--static');
const vitestArgs = args.filter((arg) => arg !== '--static');
const artifacts = path.join(root, '.artifacts');

let passed = 0;
let failed = 0;
function check(name, succeeded) {
  console.log(`${succeeded ? 'ok  ' : 'FAIL'} ${name}`);
  if (succeeded) passed++;
  else failed++;
}

install();
mkdirSync(artifacts, { recursive: true });
check('build', build());
check('types of tests', run('tsc', ['-p', 'tsconfig.test.json']) === 0);
check('types of the dashboard', run('tsc', ['-p', 'packages/web/tsconfig.json']) === 0);
check('lint: style, layers, cycles', run('oxlint', ['--quiet']) === 0);
check('format', run('oxfmt', ['--check', '.']) === 0);
check('unused code and dependencies', run('knip', ['--no-progress']) === 0);
for (const name of ['cache', 'monitor', 'server']) {
  check(`package ${name}: publint`, run('publint', ['run', '--strict', `packages/${name}`]) === 0);
  check(`package ${name}: types resolve`, run('attw', ['--profile', 'esm-only', '--pack', `packages/${name}`, '--quiet']) === 0);
}
/** Runs vitest and adds its counts; an error outside of a test counts as one failure. */
function runTests(name, vitestArgs) {
  const report = path.join(artifacts, `${name}.json`);
  rmSync(report, { force: true });
  const code = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...vitestArgs]);
  if (!existsSync(report)) return check(`${name}: run`, false);
  const totals = JSON.parse(readFileSync(report, 'utf8'));
  passed += totals.numPassedTests;
  failed += totals.numFailedTests;
  if (code !== 0 && totals.numFailedTests === 0) check(`${name}: errors outside of tests, see above`, false);
}

if (!staticOnly) {
  installServers();
  installFrameworks();
  if (vitestArgs.length > 0) runTests('tests', vitestArgs);
  else {
    runTests('tests', ['--exclude=tests/demo/**']);
    // By itself: the demo is judged by how busy the machine is.
    runTests('demo', ['tests/demo']);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
