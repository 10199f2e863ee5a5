import type { Measure, MeasuredScope } from '../../instruments/measure.ts';
import type { ActiveSpan, Tracer } from './tracer.ts';

/**
 * `measureExecutionTime` that is also a span of the request it runs in; what a measured call does is below it. A scope is a span, too, but what happens inside
 * of it stays beside it, for a scope cannot say which of the code that follows is its own. Outside of requests it is `measure` itself.
 */
export function tracedMeasure(measure: Measure, tracer: Tracer): Measure {
  function traced<T>(name: string, operation?: () => T): T | MeasuredScope {
    const span = tracer.child('internal', name);
    if (span === undefined) return operation === undefined ? measure(name) : measure(name, operation);
    return operation === undefined
      ? spanningScope(measure(name), () => tracer.end(span))
      : inSpan(tracer, span, () => measure(name, operation));
  }
  return traced;
}

function inSpan<T>(tracer: Tracer, span: ActiveSpan, work: () => T): T {
  let result: T;
  try {
    result = tracer.run(span, work);
  } catch (error) {
    tracer.end(span, { failed: true });
    throw error;
  }
  if (!(result instanceof Promise)) return (tracer.end(span), result);
  result.then(
    () => tracer.end(span),
    () => tracer.end(span, { failed: true }),
  );
  return result;
}

function spanningScope(scope: MeasuredScope, end: () => void): MeasuredScope {
  return {
    [Symbol.dispose]: () => {
      end();
      scope[Symbol.dispose]();
    },
    [Symbol.asyncDispose]: () => {
      end();
      return scope[Symbol.asyncDispose]();
    },
  };
}
