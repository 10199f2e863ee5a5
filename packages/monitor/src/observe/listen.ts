import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Registry } from '../instruments/registry.ts';

type Listener<Message> = (message: Message) => void;

/** The listener with a net under it: node ends the process when a channel's subscriber throws, so what it throws is counted and goes no further. */
export function guarded<Message>(registry: Registry, listener: Listener<Message>): Listener<Message> {
  return function guardedListener(message) {
    try {
      listener(message);
    } catch {
      registry.countObserverFailure();
    }
  };
}

/** Listens to diagnostics channels by name until disposed of. Listening to a channel nobody publishes on costs nothing. */
export function listenTo(registry: Registry, listeners: Readonly<Record<string, Listener<never>>>): Disposable {
  const subscriptions = Object.entries(listeners).map(([channel, listener]) => {
    const safe = guarded(registry, listener as Listener<unknown>);
    subscribe(channel, safe);
    return [channel, safe] as const;
  });
  return {
    [Symbol.dispose]: () => {
      for (const [channel, safe] of subscriptions) unsubscribe(channel, safe);
    },
  };
}
