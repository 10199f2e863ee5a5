import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { BellwetherError, messageOf, type ErrorCode } from '../base/errors.ts';
import { createLocalCaches } from '../engine/local-caches.ts';
import type { WireBatch } from '../model/sample-batch.ts';
import type { SpanBatch } from '../model/span.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import { BatchQueue } from './batch-queue.ts';
import { answerRequest, snapshotCaches } from './host-answers.ts';
import type { EngineSnapshot, FromWorker, ToWorker, WorkerConfig } from './protocol.ts';

const STOP_WITHIN_MS = 5000;
/** The engine makes little garbage at a time: with V8's own limit the worker would grow by several times this before it collects any. */
const YOUNG_GENERATION_MB = 6;
/** How long a process that exits waits for its last samples to be on disk. */
const EXIT_FLUSH_MS = 1000;

export interface EngineThreadEvents {
  onSnapshot(snapshot: EngineSnapshot): void;
  onCollection(collection: { readonly running: boolean; readonly intervalMs: number }): void;
  onNotice(message: string): void;
  /** The worker died by itself; the application goes on unwatched. */
  onLost(error: Error): void;
}

interface StartedWorker {
  readonly clock: Clock;
  readonly ready: Extract<FromWorker, { type: 'ready' }>;
  readonly taken: WorkerConfig['taken'];
}

/** Resolves the embedded API's module from here, else from the application's folder (strict package managers hide it from us). */
function embeddedEntry(): URL {
  for (const base of [import.meta.url, pathToFileURL(path.join(process.cwd(), 'package.json')).href]) {
    try {
      return pathToFileURL(createRequire(base).resolve('@bellwether/server/embedded'));
    } catch {
      continue;
    }
  }
  throw new BellwetherError('server_package_missing', 'The option `api` needs the package @bellwether/server, which is not installed', {
    hint: 'npm install @bellwether/server',
  });
}

/** In a source tree the sibling is .ts and Node strips its types; in the published package it is .js. */
function ownEntry(): URL {
  return new URL(`../engine-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}

/** Conditions such as `source` decide what imports mean, so the worker needs them too. */
function inheritedConditions(): string[] {
  return process.execArgv.filter((arg) => arg.startsWith('--conditions='));
}

/**
 * The main thread's end of the engine: starts the worker, hands it batches, answers what only the main thread can, and never keeps the
 * process alive by itself.
 */
export class EngineThread {
  readonly apiUrl: string | undefined;
  readonly notices: readonly string[];
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #batches: BatchQueue;
  #isStopping = false;

  private constructor(worker: Worker, options: StartedWorker) {
    this.#worker = worker;
    this.#clock = options.clock;
    this.#batches = new BatchQueue({
      post: (batch) => this.#post({ type: 'batch', batch }, [batch.slots.buffer, batch.timesMs.buffer, batch.values.buffer]),
      taken: () => Atomics.load(options.taken, 0),
    });
    this.apiUrl = options.ready.apiUrl;
    this.notices = options.ready.notices;
  }

  /** Resolves when the first collection is done. @throws BellwetherError with the worker's own code, or `worker_failed` | `server_package_missing` */
  static async start(
    given: Omit<WorkerConfig, 'taken'>,
    options: { readonly clock: Clock; readonly events: EngineThreadEvents },
  ): Promise<EngineThread> {
    const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const config: WorkerConfig = { ...given, taken };
    const entry = config.api === undefined ? ownEntry() : embeddedEntry();
    const worker = new Worker(entry, {
      name: 'bellwether',
      workerData: config,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      execArgv: ['--disable-warning=ExperimentalWarning', ...inheritedConditions()],
    });
    const ready = await firstWord(worker, options);
    const thread = new EngineThread(worker, { clock: options.clock, ready, taken });
    options.events.onSnapshot(ready.snapshot);
    thread.#listen(options.events);
    worker.unref();
    return thread;
  }

  /** Whether the worker has not taken what it should have: what can wait should not be sent now. */
  get isBehind(): boolean {
    return this.#batches.isBehind;
  }
  /** Batches dropped so far because the worker did not take them for a minute. */
  get droppedBatches(): number {
    return this.#batches.dropped;
  }

  /** The batch's buffers are transferred: do not touch them afterwards. */
  sendBatch(batch: WireBatch): void {
    this.#batches.add(batch);
  }
  /** As with batches: the buffers are gone afterwards. */
  sendSpans(batch: SpanBatch): void {
    this.#post({ type: 'spans', batch }, [batch.ids.buffer, batch.times.buffer, batch.codes.buffer]);
  }
  sendCaches(): void {
    this.#post({ type: 'caches', snapshot: snapshotCaches(this.#clock.nowMs()) });
  }
  sendThresholds(thresholds: Thresholds): void {
    this.#post({ type: 'thresholds', thresholds });
  }

  /** For exit handlers: blocks until what was sent is on disk, at most a second. */
  flushSync(): void {
    this.#batches.finish();
    const done = new Int32Array(new SharedArrayBuffer(4));
    this.#post({ type: 'flush', done });
    Atomics.wait(done, 0, 0, EXIT_FLUSH_MS);
  }

  /** Flushes and ends the worker; after 5 s it is ended anyway. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#worker.ref();
    const ended = new Promise<void>((resolve) => void this.#worker.once('exit', () => resolve()));
    this.#batches.finish();
    this.#post({ type: 'stop' });
    const abort = new AbortController();
    await Promise.race([ended, this.#clock.sleep(STOP_WITHIN_MS, abort.signal).catch(() => {})]);
    abort.abort();
    await this.#worker.terminate();
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #listen(events: EngineThreadEvents): void {
    const caches = createLocalCaches(this.#clock);
    this.#worker.on('message', (message: FromWorker) => {
      if (message.type === 'snapshot') events.onSnapshot(message.snapshot);
      else if (message.type === 'collection') events.onCollection(message);
      else if (message.type === 'notice') events.onNotice(message.message);
      else if (message.type === 'request') {
        const { id } = message;
        void answerRequest(caches, message.request)
          .then((value) => this.#post({ type: 'answer', id, value }))
          .catch((error: unknown) => this.#post({ type: 'refusal', id, message: messageOf(error) }));
      }
    });
    this.#worker.on('error', (error: Error) => {
      if (!this.#isStopping) events.onLost(error);
    });
  }
}

/** Waits for `ready`; notices may come before it. */
function firstWord(worker: Worker, options: { readonly events: EngineThreadEvents }): Promise<Extract<FromWorker, { type: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const failed = (code: ErrorCode, message: string, hint?: string): void =>
      reject(new BellwetherError(code, message, hint === undefined ? {} : { hint }));
    worker.on('message', function onMessage(message: FromWorker) {
      if (message.type === 'notice') return options.events.onNotice(message.message);
      if (message.type === 'failed') return failed(message.code as ErrorCode, message.message, message.hint);
      if (message.type !== 'ready') return;
      worker.off('message', onMessage);
      resolve(message);
    });
    worker.once('error', (error: Error) => failed('worker_failed', `The monitor's thread failed: ${error.message}`));
    worker.once('exit', () => failed('worker_failed', "The monitor's thread ended before it was ready"));
  });
}
