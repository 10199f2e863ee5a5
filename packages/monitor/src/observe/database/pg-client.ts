/** How one `query` of a `pg` client is measured, whether on its prototype or on a client from a pool. Knows pg by its shape only. */
import type { Method, Wrap } from '../replace-method.ts';
import type { QueryObserver } from './query-observer.ts';

type Callback = (this: unknown, error: unknown, result: unknown, ...rest: unknown[]) => unknown;

/** On a measured method: the observer that measures it, so that a client is not measured twice for one registry. */
const MEASURED_BY: unique symbol = Symbol('bellwether.measured-by');

export function isMeasured(method: unknown, by: object): boolean {
  return typeof method === 'function' && Reflect.get(method, MEASURED_BY) === by;
}
export function markMeasured(owner: object, by: object): void {
  const method: unknown = Reflect.get(owner, 'query');
  if (typeof method === 'function') Reflect.defineProperty(method, MEASURED_BY, { value: by, configurable: true });
}

/** The statement's text when pg will run it to its end by itself; cursors and streams, which bring their own `submit`, are not timed. */
function textOf(first: unknown): string | undefined {
  if (typeof first === 'string') return first;
  const { text, submit } = (first ?? {}) as { readonly text?: unknown; readonly submit?: unknown };
  return typeof text === 'string' && typeof submit !== 'function' ? text : undefined;
}

function rowsOf(result: unknown): number | undefined {
  const count = (result as { readonly rowCount?: unknown } | undefined)?.rowCount;
  return typeof count === 'number' ? count : undefined;
}

export function measuredQuery(observer: QueryObserver): Wrap {
  return (original: Method) =>
    function query(this: object, ...values) {
      const text = textOf(values[0]);
      if (text === undefined) return Reflect.apply(original, this, values);
      const last = values.at(-1);
      if (typeof last !== 'function') return observer.observe(text, () => Reflect.apply(original, this, values), rowsOf);
      const running = observer.start(observer.fingerprint(text));
      const callback: Callback = function done(this: unknown, error, result, ...rest) {
        observer.end(running, { rows: rowsOf(result), failed: error !== undefined && error !== null });
        return Reflect.apply(last, this, [error, result, ...rest]);
      };
      return Reflect.apply(original, this, [...values.slice(0, -1), callback]);
    };
}
