import { stat } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import type { Gauge } from '../../instruments/gauge.ts';

/** What a free thread needs for the task itself. */
type Task = (done: () => void) => void;

/**
 * How long a task waits for a thread of libuv's pool, which file system calls, name look-ups, zlib and crypto share (4 threads unless UV_THREADPOOL_SIZE says
 * otherwise). A small task is given to it at each sample and timed; one that is still waiting is told with the time it has waited so far, so a pool that
 * is stuck is seen while it is. A busy event loop is seen here too, for the answer waits for it. Costs one `stat` of the root folder.
 */
export class ThreadPoolProbe {
  readonly #gauge: Gauge;
  readonly #clock: Clock;
  readonly #task: Task;
  #askedAtMs: number | undefined;
  #answeredMs = 0;

  /** @param task @default a `stat` of the root folder, which never reaches a disk */
  constructor(gauge: Gauge, clock: Clock, task: Task = (done) => stat('/', done)) {
    this.#gauge = gauge;
    this.#clock = clock;
    this.#task = task;
  }

  sample(): void {
    const nowMs = this.#clock.monotonicMs();
    const waitedMs = this.#askedAtMs === undefined ? 0 : nowMs - this.#askedAtMs;
    this.#gauge.set(Math.max(waitedMs, this.#answeredMs) / 1000);
    this.#answeredMs = 0;
    if (this.#askedAtMs !== undefined) return;
    this.#askedAtMs = nowMs;
    this.#task(() => {
      this.#answeredMs = this.#clock.monotonicMs() - nowMs;
      this.#askedAtMs = undefined;
    });
  }
}
