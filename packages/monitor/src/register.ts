/**
 * `node --import @bellwether/monitor/register app.js`: watches a program without a line in it.
 *
 * Observers are in place before the program's first line runs; the worker thread starts beside it and nothing waits for it. Loading this twice, or starting
 * the monitor in the program as well, is the same as once. Worker threads of the program, which node loads this into too, are left alone. A monitor that cannot start is told in one warning, and the program goes on unwatched.
 */
import { isMainThread } from 'node:worker_threads';
import { messageOf } from './base/errors.ts';
import { performanceMonitor } from './index.ts';
import { hookModules } from './observe/modules/hook-modules.ts';
import { startOptionsOf } from './start-options.ts';

if (isMainThread && performanceMonitor.enabled) {
  hookModules();
  start();
}

function start(): void {
  const warn = (error: unknown): void =>
    process.emitWarning(`The monitor did not start: ${messageOf(error)}. The program runs unwatched.`, { type: 'BellwetherWarning' });
  try {
    performanceMonitor.startMonitoring(startOptionsOf(process.env)).catch(warn);
  } catch (error) {
    warn(error);
  }
}
