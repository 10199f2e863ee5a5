import { parentPort, workerData } from 'node:worker_threads';
import { BellwetherError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { createEngine } from '../engine/create-engine.ts';
import { firstAlerts } from '../engine/first-alerts.ts';
import type { RunningEngine } from '../engine/running-engine.ts';
import { OtlpPush } from '../push/otlp-push.ts';
import type { FromWorker, ToWorker, WorkerConfig } from './protocol.ts';
import { RemoteCaches } from './remote-caches.ts';

/** The API on top of an engine, while it serves. */
export interface ServedApi {
  readonly url: string;
  /** Lines for people: where it listens, the first token. */
  readonly notices: readonly string[];
  close(): Promise<void>;
}

/** Puts an API on the worker's engine. `@bellwether/server/embedded` brings the real one. */
export type ServeApi = (engine: RunningEngine, config: WorkerConfig, log: Logger) => Promise<ServedApi>;

const SNAPSHOT_PERIOD_MS = 1000;
/** A storm must not be copied to the main thread every second. */
const ALERTS_IN_SNAPSHOT = 1000;

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

/** Warnings and errors reach the application as one notice each; the rest is dropped. */
const noticeLog: Logger = {
  debug() {},
  info() {},
  warn: (_fields, message) => post({ type: 'notice', message }),
  error: (fields, message) => post({ type: 'notice', message: `${message} (${JSON.stringify(fields)})` }),
};

async function openEngine(config: WorkerConfig, caches: RemoteCaches): Promise<RunningEngine> {
  const options = { ...config, clock: systemClock, log: noticeLog, caches };
  try {
    return await createEngine(options);
  } catch (error) {
    const isFolderTrouble = error instanceof BellwetherError && (error.code === 'data_dir_locked' || error.code === 'data_dir_unwritable');
    if (!isFolderTrouble) throw error;
    // The watched service must come up whatever becomes of its history.
    post({ type: 'notice', message: `${error.message}. History and alerts are kept in memory only until the next start.` });
    return await createEngine({ ...options, dataDir: ':memory:' });
  }
}

function sendSnapshots(engine: RunningEngine): () => void {
  let isOver = false;
  const again = (): void => {
    if (isOver) return;
    post({ type: 'snapshot', snapshot: snapshotOf(engine) });
    systemClock.schedule(SNAPSHOT_PERIOD_MS, again);
  };
  systemClock.schedule(SNAPSHOT_PERIOD_MS, again);
  return () => {
    isOver = true;
  };
}

function snapshotOf(engine: RunningEngine): Extract<FromWorker, { type: 'snapshot' }>['snapshot'] {
  return {
    atMs: engine.clock.nowMs(),
    summary: engine.latestSummary,
    health: engine.health(),
    alerts: firstAlerts(engine.alerting, ALERTS_IN_SNAPSHOT).alerts,
    recommendations: engine.advisor.active(),
  };
}

/** Runs an engine on this worker thread until it is told to stop. Reports `ready` or `failed` exactly once. */
export async function runEngineWorker(serveApi?: ServeApi): Promise<void> {
  const config = workerData as WorkerConfig;
  const caches = new RemoteCaches(systemClock, (id, request) => post({ type: 'request', id, request }));
  const resources = new AsyncDisposableStack();
  try {
    const engine = resources.use(await openEngine(config, caches));
    engine.onCollectionChange((collection) => post({ type: 'collection', ...collection }));
    listen(engine, { caches, resources, taken: config.taken });
    await engine.startCollection();
    if (config.push !== undefined)
      resources.use(new OtlpPush({ ...config.push, store: engine.store, clock: systemClock, log: noticeLog, periodMs: config.intervalMs }));
    const api = config.api === undefined ? undefined : await serveApi?.(engine, config, noticeLog);
    if (api !== undefined) resources.defer(() => api.close());
    resources.defer(sendSnapshots(engine));
    post({ type: 'ready', snapshot: snapshotOf(engine), apiUrl: api?.url, notices: api?.notices ?? [] });
  } catch (error) {
    const { code, hint } = error instanceof BellwetherError ? error : { code: 'worker_failed', hint: undefined };
    await resources.disposeAsync().catch(() => {});
    post({ type: 'failed', code, message: messageOf(error), hint });
    parentPort?.close();
  }
}

function listen(
  engine: RunningEngine,
  {
    caches,
    resources,
    taken,
  }: { readonly caches: RemoteCaches; readonly resources: AsyncDisposableStack; readonly taken: WorkerConfig['taken'] },
): void {
  parentPort?.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'batch':
        Atomics.add(taken, 0, 1);
        return engine.takeBatch(message.batch);
      case 'spans':
        return engine.takeSpans(message.batch);
      case 'caches':
        return caches.update(message.snapshot);
      case 'thresholds':
        engine.alerting.thresholds = message.thresholds;
        return;
      case 'answer':
        return caches.answer(message.id, message.value);
      case 'refusal':
        return caches.refuse(message.id, message.message);
      case 'flush':
        return void flush(engine, message.done);
      case 'stop':
        return void stop(resources);
    }
  });
}

/** Wakes the main thread, which waits in its exit handler, when what it sent is on disk. */
async function flush(engine: RunningEngine, done: Int32Array<SharedArrayBuffer>): Promise<void> {
  await engine.store.flush().catch(() => {});
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

async function stop(resources: AsyncDisposableStack): Promise<void> {
  await resources.disposeAsync().catch((error: unknown) => post({ type: 'notice', message: `Stopping: ${messageOf(error)}` }));
  post({ type: 'stopped' });
  parentPort?.close();
}
