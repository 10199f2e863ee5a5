import type { Registry } from '../instruments/registry.ts';
import { listenTo } from './listen.ts';

/** What a library puts on a tracing channel; its own fields, and what node adds. */
export type TraceMessage = object & { readonly result?: unknown; readonly error?: unknown };

export interface TracedWork<Message extends TraceMessage, Running> {
  /** At the call. @returns `undefined` for work that is not measured. */
  start(message: Message): Running | undefined;
  /** At the answer, before the application has it. */
  end(running: Running, outcome: { readonly message: Message; readonly failed: boolean }): void;
}

/**
 * Listens to tracing channels (`diagnostics_channel.tracingChannel`) whose work is a promise or calls back: each piece of work is told at its call and once at
 * its end, however it ends.
 */
export function listenToTracing<Message extends TraceMessage, Running extends object>(
  registry: Registry,
  channels: readonly string[],
  work: TracedWork<Message, Running>,
): Disposable {
  const running = new WeakMap<Message, Running>();
  const end = (message: Message, failed: boolean): void => {
    const begun = running.get(message);
    if (begun === undefined) return;
    running.delete(message);
    work.end(begun, { message, failed });
  };
  const listeners = {
    start: (message: Message) => {
      const begun = work.start(message);
      if (begun !== undefined) running.set(message, begun);
    },
    error: (message: Message) => end(message, true),
    asyncStart: (message: Message) => end(message, message.error !== undefined),
  };
  return listenTo(
    registry,
    Object.fromEntries(
      channels.flatMap((channel) => Object.entries(listeners).map(([event, listener]) => [`tracing:${channel}:${event}`, listener])),
    ),
  );
}
