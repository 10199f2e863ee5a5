const STOP_WITHIN_MS = 4500;

/** Resolves at SIGINT or SIGTERM. What cannot be stopped in order within 4.5 s is ended. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      // oxlint-disable-next-line no-restricted-globals -- the last resort of a process that hangs must not hang on anything of ours
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

/** Keeps the process alive until disposed: the engine's own timers never do, and while it starts nothing else is open yet. */
export function keepAlive(): Disposable {
  // oxlint-disable-next-line no-restricted-globals -- a handle to hold, not time to keep
  const handle = setInterval(() => {}, 2 ** 30);
  return { [Symbol.dispose]: () => clearInterval(handle) };
}
