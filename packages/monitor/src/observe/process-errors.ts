import { metaOf } from '../instruments/catalogue.ts';
import type { Registry } from '../instruments/registry.ts';
import { guarded } from './listen.ts';

const MOST_NAMES = 50;
/** Marks our listeners, of any monitor and any copy of this package: they do not count as the application's. */
const OURS: unique symbol = Symbol.for('bellwether.rejections') as never;
const PLAIN_NAME = /^[A-Za-z_$][\w$]{0,60}$/;

/**
 * Counts errors nobody caught, by kind and name of the error, and changes nothing about what becomes of them. Exceptions come from node's monitor event, which
 * is also where a rejection arrives that will end the process. A rejection that the application handles by a listener is counted by a listener beside it: ours
 * is there exactly as long as one of theirs is, for the first listener is what keeps the process alive.
 */
export function observeProcessErrors(registry: Registry): Disposable {
  const errors = registry.counter('process_uncaught_errors_total', metaOf('process_uncaught_errors_total'));
  const names = new Set<string>();
  const count = (kind: string) => (error: unknown) => {
    const given = error instanceof Error ? error.name : typeof error;
    const isTold = names.has(given) || (names.size < MOST_NAMES && PLAIN_NAME.test(given));
    if (isTold) names.add(given);
    errors.add(1, { kind, error: isTold ? given : '(other)' });
  };
  const rejection = guarded(registry, count('rejection'));
  const exception = guarded(registry, count('exception'));
  const onException = (error: unknown, origin: string): void => (origin === 'unhandledRejection' ? rejection(error) : exception(error));
  const onRejection = Object.assign((reason: unknown): void => rejection(reason), { [OURS]: true });
  const isOurs = (listener: unknown): boolean => typeof listener === 'function' && OURS in listener;
  const follow = (): void => {
    process.off('unhandledRejection', onRejection);
    if (!process.listeners('unhandledRejection').every(isOurs)) process.prependListener('unhandledRejection', onRejection);
  };
  const onListener = (event: string | symbol, listener: unknown): void => {
    if (event !== 'unhandledRejection' || isOurs(listener)) return;
    // `newListener` comes before the listener is there.
    queueMicrotask(follow);
  };
  process.on('uncaughtExceptionMonitor', onException);
  process.on('newListener', onListener);
  process.on('removeListener', onListener);
  follow();
  return {
    [Symbol.dispose]: () => {
      process.off('newListener', onListener);
      process.off('removeListener', onListener);
      process.off('uncaughtExceptionMonitor', onException);
      process.off('unhandledRejection', onRejection);
    },
  };
}
