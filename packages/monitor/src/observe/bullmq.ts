/** Measures BullMQ workers where they run a job: how long it waited, how long it took, whether it failed. Each job begins a trace. */
import type { Clock } from '../base/clock.ts';
import { metaOf } from '../instruments/catalogue.ts';
import type { Registry } from '../instruments/registry.ts';
import { replaceMethod, type Wrap } from './replace-method.ts';
import type { Tracer } from './spans/tracer.ts';

interface JobLike {
  readonly name?: unknown;
  readonly queueName?: unknown;
  /** When it was added, ms since the epoch. */
  readonly timestamp?: unknown;
  /** Asked-for delay, ms. */
  readonly delay?: unknown;
  /** When this attempt began, ms since the epoch. */
  readonly processedOn?: unknown;
  readonly attemptsMade?: unknown;
}

const PLAIN_NAME = /^[\w:.-]{1,80}$/;
const nameOf = (name: unknown): string => (typeof name === 'string' && PLAIN_NAME.test(name) ? name : '(other)');

/** Time between when a job could run and when it did; a retried one waited for its back-off, so only first attempts are told. */
function waitedMs({ timestamp, delay, processedOn, attemptsMade }: JobLike): number | undefined {
  if (attemptsMade !== 0 || typeof timestamp !== 'number' || typeof processedOn !== 'number') return undefined;
  return Math.max(0, processedOn - timestamp - (typeof delay === 'number' ? delay : 0));
}

/** Measures all workers of a copy of BullMQ. @param Worker its class */
export function observeBullmq(
  registry: Registry,
  Worker: { readonly prototype: object },
  { clock, tracer }: { readonly clock: Clock; readonly tracer?: Tracer | undefined },
): Disposable {
  const times = registry.timer('queue_job_time', metaOf('queue_job_time'));
  const waits = registry.timer('queue_wait_time', metaOf('queue_wait_time'));
  const failures = registry.counter('queue_job_failures_total', metaOf('queue_job_failures_total'));
  const process: Wrap = (original) =>
    function callProcessJob(this: object, ...values) {
      const job = (values[0] ?? {}) as JobLike;
      const labels = { queue: nameOf(job.queueName), job: nameOf(job.name) };
      const waited = waitedMs(job);
      if (waited !== undefined) waits.record(waited, { queue: labels.queue });
      const startedMs = clock.monotonicMs();
      const span = tracer?.root({ kind: 'consumer', name: `${labels.queue} ${labels.job}` });
      const end = (failed: boolean): void => {
        times.record(clock.monotonicMs() - startedMs, labels);
        if (failed) failures.add(1, labels);
        if (span !== undefined) tracer?.end(span, { failed });
      };
      const run = (): unknown => Reflect.apply(original, this, values);
      let result: unknown;
      try {
        result = span === undefined || tracer === undefined ? run() : tracer.run(span, run);
      } catch (error) {
        end(true);
        throw error;
      }
      if (!(result instanceof Promise)) return (end(false), result);
      result.then(
        () => end(false),
        () => end(true),
      );
      return result;
    };
  return replaceMethod(Worker.prototype, 'callProcessJob', process);
}
