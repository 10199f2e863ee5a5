/**
 * Notices that the process ends, in time to keep what is not on disk yet.
 *
 * Node tells of most ends by its `exit` event: the loop ran empty, `process.exit`, an error nobody caught. It tells nothing when a signal ends it,
 * unless somebody listens, and whoever listens takes the end away. So here a signal is listened to, and when nobody else does, it is raised once more
 * without us: the process dies of it as it would have, and its parent sees the same. When the program listens itself, what it does is its own business
 * and we only remember the signal for the `exit` that follows. The package signal-exit raises a signal again only if all listeners are its own, so
 * where it is at work we do not listen at all. SIGKILL, a crash of V8 and power cuts are told to nobody: what was handed over before is on disk.
 */
import { isMainThread } from 'node:worker_threads';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/** Marks listeners of any copy of this module, so that several monitors in a process do not take one another for the program. */
const OURS: unique symbol = Symbol.for('bellwether.exit-listener') as never;

export type ExitReason = 'exit' | 'uncaught_exception' | 'unhandled_rejection' | Signal;

/** Why a process ended. */
export interface Ending {
  readonly reason: ExitReason;
  /** Exit code as text; empty when a signal ended it. */
  readonly code: string;
}

/** Whether a listener is the package signal-exit's, in its third or fourth edition. */
function hasSignalExit(): boolean {
  return Reflect.has(globalThis, Symbol.for('signal-exit emitter')) || Reflect.has(process, '__signal_exit_emitter__');
}

function isOurs(listener: unknown): boolean {
  return typeof listener === 'function' && OURS in listener;
}

/** Calls back once, right before the process ends, and must not wait for anything. Disposing takes all listeners away. */
export function watchExit(onEnd: (ending: Ending) => void): Disposable {
  const resources = new DisposableStack();
  let told = false;
  const tell = (ending: Ending): void => {
    if (told) return;
    told = true;
    onEnd(ending);
  };
  let reason: ExitReason = 'exit';
  const onError = (_error: unknown, origin: string): void => {
    reason = origin === 'unhandledRejection' ? 'unhandled_rejection' : 'uncaught_exception';
    // A program that catches it all lives on: a later end has another reason.
    setImmediate(() => {
      reason = 'exit';
    }).unref();
  };
  const onExit = (code: number): void => tell({ reason, code: String(code) });
  process.on('uncaughtExceptionMonitor', onError);
  process.on('exit', onExit);
  resources.defer(() => {
    process.off('uncaughtExceptionMonitor', onError);
    process.off('exit', onExit);
  });
  // In a worker thread signals are never told.
  if (isMainThread) {
    for (const signal of SIGNALS) {
      resources.use(
        watchSignal(signal, {
          onLast: () => tell({ reason: signal, code: '' }),
          onHeard: () => {
            reason = signal;
          },
        }),
      );
    }
  }
  return resources;
}

function watchSignal(signal: Signal, { onLast, onHeard }: { readonly onLast: () => void; readonly onHeard: () => void }): Disposable {
  const listener = Object.assign(
    (): void => {
      onHeard();
      if (!process.listeners(signal).every(isOurs)) {
        if (hasSignalExit()) process.off(signal, listener);
        return;
      }
      onLast();
      process.off(signal, listener);
      process.kill(process.pid, signal);
    },
    { [OURS]: true },
  );
  const onListener = (event: string | symbol, added: unknown): void => {
    if (event === signal && !isOurs(added) && hasSignalExit()) process.off(signal, listener);
  };
  if (!hasSignalExit()) {
    // First in line, before a listener of the program that ends it.
    process.prependListener(signal, listener);
    process.on('newListener', onListener);
  }
  return {
    [Symbol.dispose]: () => {
      process.off(signal, listener);
      process.off('newListener', onListener);
    },
  };
}
