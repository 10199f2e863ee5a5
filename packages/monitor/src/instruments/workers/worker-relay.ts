/**
 * Worker threads and cluster workers record into one monitor.
 *
 * A worker asks whether somebody listens: a thread on a BroadcastChannel of its process, a cluster worker over the channel to its primary. If so it
 * needs no engine of its own: once a second it hands over what it recorded (`RegistryDelta`), and the listener adds it to its own registry.
 * Counters, rates and histograms add up without loss; a level is told under a label `worker` (`t3`: thread 3, `w1`: cluster worker 1),
 * for the sum of temperatures is no temperature. What a worker that is killed recorded in its last second is lost.
 */
import cluster, { type Worker } from 'node:cluster';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Registry } from '../registry.ts';
import { mergeDelta } from './merge-delta.ts';
import type { RegistryDelta } from './registry-delta.ts';

const CHANNEL = 'bellwether.workers.1';
const PERIOD_MS = 1000;
/** A listener whose event loop is busy for longer is taken for absent. */
const PATIENCE_MS = 1000;

type Message =
  | { readonly bellwether: 'hello' | 'welcome'; readonly worker: string }
  | { readonly bellwether: 'delta'; readonly worker: string; readonly delta: RegistryDelta };

function asMessage(data: unknown): Message | undefined {
  return typeof data === 'object' && data !== null && 'bellwether' in data ? (data as Message) : undefined;
}

/** Adds what workers of this process and of this cluster's primary record to the registry, until disposed. */
export function acceptWorkers(registry: Registry): Disposable {
  const take = (data: unknown, answer: (message: Message) => void): void => {
    const message = asMessage(data);
    if (message?.bellwether === 'hello') answer({ bellwether: 'welcome', worker: message.worker });
    if (message?.bellwether === 'delta' && Array.isArray(message.delta)) mergeDelta(registry, message.delta, message.worker);
  };
  const channel = openChannel((data) => take(data, (message) => channel.postMessage(message)));
  const onClusterMessage = (worker: Worker, data: unknown): void => take(data, (message) => void worker.send(message));
  channel.unref();
  if (cluster.isPrimary) cluster.on('message', onClusterMessage);
  return {
    [Symbol.dispose]() {
      channel.close();
      cluster.off('message', onClusterMessage);
    },
  };
}

/** The way from a worker to the listener; disposing hands over what is left. */
export interface WorkerRelay extends Disposable {
  /** Name of this worker at the listener. */
  readonly worker: string;
}

/**
 * Hands over what the registry records, once a second, if this is a worker thread or a cluster worker and somebody listens.
 * @returns `undefined` when not: at once on a process's own main thread, else after a second without answer.
 */
export async function relayToMain(registry: Registry, clock: Clock): Promise<WorkerRelay | undefined> {
  const line = openLine();
  if (line === undefined) return undefined;
  const { worker } = line;
  line.send({ bellwether: 'hello', worker });
  if (!(await Promise.race([line.welcomed, clock.sleep(PATIENCE_MS).then(() => false)]))) {
    line.close();
    return undefined;
  }
  line.unref();
  let timer: Timer | undefined;
  const handOver = (): void => {
    const delta = registry.takeDelta(clock.nowMs());
    if (delta.length > 0) line.send({ bellwether: 'delta', worker, delta });
  };
  const again = (): void => {
    handOver();
    timer = clock.schedule(PERIOD_MS, again);
  };
  again();
  return {
    worker,
    [Symbol.dispose]() {
      if (timer === undefined) return;
      timer.cancel();
      timer = undefined;
      handOver();
      line.close();
    },
  };
}

interface Line {
  readonly worker: string;
  readonly welcomed: Promise<boolean>;
  send(message: Message): void;
  /** From now on it keeps no thread alive; until then an answer is waited for. */
  unref(): void;
  close(): void;
}

function openLine(): Line | undefined {
  const { promise: welcomed, resolve } = Promise.withResolvers<boolean>();
  const listen = (worker: string) => (data: unknown) => {
    const message = asMessage(data);
    if (message?.bellwether === 'welcome' && message.worker === worker) resolve(true);
  };
  if (!isMainThread) {
    const worker = `t${threadId}`;
    const channel = openChannel(listen(worker));
    return {
      worker,
      welcomed,
      send: (message) => channel.postMessage(message),
      unref: () => channel.unref(),
      close: () => channel.close(),
    };
  }
  if (!cluster.isWorker) return undefined;
  const worker = `w${cluster.worker?.id ?? 0}`;
  const onMessage = listen(worker);
  process.on('message', onMessage);
  return {
    worker,
    welcomed,
    send: (message) => {
      // A primary that is gone takes nothing; that is no reason for a worker to fail.
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    unref: () => void process.off('message', onMessage),
    close: () => void process.off('message', onMessage),
  };
}

function openChannel(onData: (data: unknown) => void): BroadcastChannel {
  const channel = new BroadcastChannel(CHANNEL);
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- what makes Node's channel begin to deliver
  channel.onmessage = (event) => onData((event as { readonly data: unknown }).data);
  return channel;
}
