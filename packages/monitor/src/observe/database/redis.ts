/**
 * Measures Redis and Valkey by the tracing channels of node-redis (5.12 and newer) and ioredis (5.10 and newer): each command by its name. Keys and values are
 * never looked at. Commands that wait by design (`BLPOP`, `XREAD` with BLOCK, …) are left out: their time says nothing about the server.
 */
import type { Registry } from '../../instruments/registry.ts';
import { listenToTracing, type TraceMessage } from '../tracing-channel.ts';
import { createQueryObserver, type DatabaseOptions, type RunningQuery } from './query-observer.ts';
import type { QueryFingerprint } from './query-fingerprint.ts';

type CommandMessage = TraceMessage & { readonly command?: unknown };

const WAITS = /^(?:b(?:l|r|z)[a-z]+|xread|xreadgroup|wait|waitaof|p?subscribe|ssubscribe|monitor)$/;
const COMMAND = /^[a-z][a-z._]{0,39}$/;
const MOST_COMMANDS = 500;

export function observeRedis(registry: Registry, options: DatabaseOptions): Disposable {
  const observer = createQueryObserver(registry, { system: 'redis', ...options });
  const commands = new Map<string, QueryFingerprint | undefined>();
  /** `undefined` for those that wait. */
  const nameOf = (command: string): QueryFingerprint | undefined => {
    if (commands.has(command)) return commands.get(command);
    const operation = command.toLowerCase();
    const isName = COMMAND.test(operation) && commands.size < MOST_COMMANDS;
    const name = isName ? { query: operation.toUpperCase(), operation } : { query: '(other)', operation: 'other' };
    const found = WAITS.test(operation) ? undefined : name;
    if (isName) commands.set(command, found);
    return found;
  };
  return listenToTracing<CommandMessage, RunningQuery>(registry, ['node-redis:command', 'ioredis:command'], {
    start: ({ command }) => {
      const name = typeof command === 'string' ? nameOf(command) : undefined;
      return name === undefined ? undefined : observer.start(name);
    },
    end: (running, { failed }) => void observer.end(running, { failed }),
  });
}
