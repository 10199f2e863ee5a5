import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts the load generator in a process of its own, so that it neither shares the market's processor time nor its event loop. */
export function startLoadProcess(url: string, perSecond: number): AsyncDisposable {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child = fork(fileURLToPath(new URL(`./load-main.${extension}`, import.meta.url)), [url, String(perSecond)]);
  return {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
