/** What becomes of a generator: the time spent inside its steps, in ms. */
export interface Ends {
  readonly succeeded: (elapsedMs: number) => void;
  readonly failed: (elapsedMs: number) => void;
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);
const isSync = (value: unknown): value is Generator => tagOf(value) === '[object Generator]';
const isAsync = (value: unknown): value is AsyncGenerator => tagOf(value) === '[object AsyncGenerator]';

/**
 * A generator that does the same, its work timed: the time inside its steps, not what its consumer takes between them; told once when it ends, fails or is
 * left early. `undefined` for what is no generator. One that is dropped without an end is never told.
 * @param monotonicMs Reads the clock.
 */
export function measuredGenerator(value: unknown, monotonicMs: () => number, ends: Ends): unknown {
  if (isSync(value)) return stepwise(value, new Stopwatch(monotonicMs, ends));
  return isAsync(value) ? stepwiseAsync(value, new Stopwatch(monotonicMs, ends)) : undefined;
}

class Stopwatch {
  readonly #monotonicMs: () => number;
  readonly #ends: Ends;
  #elapsedMs = 0;
  #hasFailed = false;

  constructor(monotonicMs: () => number, ends: Ends) {
    this.#monotonicMs = monotonicMs;
    this.#ends = ends;
  }
  step<T>(step: () => T): T {
    const startedMs = this.#monotonicMs();
    try {
      return step();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#elapsedMs += this.#monotonicMs() - startedMs;
    }
  }
  async stepAsync<T>(step: () => Promise<T>): Promise<T> {
    const startedMs = this.#monotonicMs();
    try {
      return await step();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#elapsedMs += this.#monotonicMs() - startedMs;
    }
  }
  tell(): void {
    (this.#hasFailed ? this.#ends.failed : this.#ends.succeeded)(this.#elapsedMs);
  }
}

function* stepwise(inner: Generator, watch: Stopwatch): Generator {
  let isOver = false;
  try {
    let step = watch.step(() => inner.next());
    while (step.done !== true) {
      let sent: unknown;
      try {
        sent = yield step.value;
      } catch (error) {
        step = watch.step(() => inner.throw(error));
        continue;
      }
      step = watch.step(() => inner.next(sent));
    }
    isOver = true;
    return step.value;
  } finally {
    // Left early, or failed: an inner one that is over already does nothing.
    if (!isOver) watch.step(() => inner.return(undefined));
    watch.tell();
  }
}

async function* stepwiseAsync(inner: AsyncGenerator, watch: Stopwatch): AsyncGenerator {
  let isOver = false;
  try {
    let step = await watch.stepAsync(() => inner.next());
    while (step.done !== true) {
      let sent: unknown;
      try {
        sent = yield step.value;
      } catch (error) {
        step = await watch.stepAsync(() => inner.throw(error));
        continue;
      }
      step = await watch.stepAsync(() => inner.next(sent));
    }
    isOver = true;
    return step.value;
  } finally {
    if (!isOver) await watch.stepAsync(() => inner.return(undefined));
    watch.tell();
  }
}
