/** The worker thread's entry when no API is asked for. */
import './base/disposable-stack.ts';
import { runEngineWorker } from './thread/worker-host.ts';

await runEngineWorker();
