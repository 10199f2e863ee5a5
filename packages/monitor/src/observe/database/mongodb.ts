/**
 * Measures the MongoDB driver where it sends a command over a connection, for it has no diagnostics channel and its monitoring events have to be asked for by
 * each application. A command is told by its name, its collection and the names of the fields it looks for; values are never looked at.
 */
import type { Registry } from '../../instruments/registry.ts';
import { replaceMethod, type Wrap } from '../replace-method.ts';
import { createQueryObserver, type DatabaseOptions } from './query-observer.ts';

type Command = Readonly<Record<string, unknown>>;

/** What the driver says for itself: no work of the application's. */
const OWN_COMMANDS: ReadonlySet<string> = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'ping',
  'endSessions',
  'saslStart',
  'saslContinue',
  'authenticate',
]);
const PLAIN_NAME = /^[\w$.-]{1,60}$/;
const MOST_FIELDS = 8;

/** Field names of a filter: `{age, email}`. Names with digits may hold an identifier, so those are told as `?`. */
function fieldsOf(filter: unknown): string {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return '';
  const names = Object.keys(filter).map((name) => (PLAIN_NAME.test(name) && !/\d/.test(name) ? name : '?'));
  const told = [...new Set(names)].sort();
  return told.length === 0 ? '' : ` {${told.slice(0, MOST_FIELDS).join(', ')}${told.length > MOST_FIELDS ? ', …' : ''}}`;
}

function filterOf(command: Command): unknown {
  const first = (list: unknown): Command | undefined => (Array.isArray(list) ? (list[0] as Command | undefined) : undefined);
  return (
    command['filter'] ??
    command['query'] ??
    first(command['updates'])?.['q'] ??
    first(command['deletes'])?.['q'] ??
    first(command['pipeline'])?.['$match']
  );
}

/** `find orders {customer}`; `undefined` for commands that are the driver's own. */
export function describeCommand(command: Command): string | undefined {
  const [name] = Object.keys(command);
  if (name === undefined || OWN_COMMANDS.has(name)) return undefined;
  const target = command[name];
  // A cursor is continued by its number, in the collection given beside it.
  const collection = typeof target === 'string' ? target : command['collection'];
  const isPlain = typeof collection === 'string' && PLAIN_NAME.test(collection);
  return `${name}${isPlain ? ` ${collection}` : ''}${fieldsOf(filterOf(command))}`;
}

function rowsOf(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { batchSize, n, getNumber } = answer as { readonly batchSize?: unknown; readonly n?: unknown; readonly getNumber?: unknown };
  if (typeof batchSize === 'number') return batchSize;
  // Answers are read from their bytes when asked; older drivers give plain objects.
  const count: unknown = typeof getNumber === 'function' ? Reflect.apply(getNumber, answer, ['n']) : n;
  return typeof count === 'number' ? count : undefined;
}

/** Measures all connections of a copy of the driver. @param Connection its class */
export function observeMongodb(registry: Registry, Connection: { readonly prototype: object }, options: DatabaseOptions): Disposable {
  const observer = createQueryObserver(registry, { system: 'mongodb', ...options });
  const command: Wrap = (original) =>
    function command(this: object, ...values) {
      const run = (): unknown => Reflect.apply(original, this, values);
      const [, document] = values;
      const text = typeof document === 'object' && document !== null ? describeCommand(document as Command) : undefined;
      if (text === undefined) return run();
      const operation = text.slice(0, text.search(/ |$/)).toLowerCase();
      return observer.observeNamed({ query: text, operation }, run, rowsOf);
    };
  return replaceMethod(Connection.prototype, 'command', command);
}
