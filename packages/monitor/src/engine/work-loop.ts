import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

export interface WorkLoopOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Read before each wait, so that it may change while the loop runs. */
  readonly periodMs: () => number;
  /** One round. A rejection is logged; the loop goes on. */
  readonly work: (nowMs: number) => Promise<void>;
  readonly name: string;
}

/**
 * Repeats work at a steady rate: rounds start `periodMs` apart and never overlap. A round that takes longer than the period delays the
 * next one and the missed ones are left out, so a slow disk costs resolution instead of piling up work.
 */
export class WorkLoop implements AsyncDisposable {
  readonly #options: WorkLoopOptions;
  #timer: Timer | undefined;
  #round: Promise<void> = Promise.resolve();
  #running = false;
  #inRound = false;
  #startedAtMs = 0;
  /** Set while the next round must not wait for the whole period. */
  #gapMs: number | undefined;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Starts waiting for the first round, one period from now. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#startedAtMs = this.#options.clock.monotonicMs();
    this.#wait();
  }

  /** Runs a round now, after the one under way if there is one; later rounds are a period after it. */
  async runNow(): Promise<void> {
    if (this.#inRound) await this.#round;
    this.#timer?.cancel();
    await this.#runRound();
  }

  /** Ends the loop and waits for the round under way. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    await this.#round;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Lets the next round begin `gapMs` after the last one began, or at once if that has passed, instead of a whole period after it. Calls in between
   * change nothing, so that a burst of them costs one round.
   */
  hasten(gapMs: number): void {
    if (this.#gapMs !== undefined && this.#gapMs <= gapMs) return;
    this.#gapMs = gapMs;
    this.reschedule();
  }

  /** Takes a changed period into account at once. */
  reschedule(): void {
    if (!this.#running || this.#inRound) return;
    this.#timer?.cancel();
    this.#wait();
  }

  #wait(): void {
    const elapsedMs = this.#options.clock.monotonicMs() - this.#startedAtMs;
    const waitMs = Math.min(this.#options.periodMs(), this.#gapMs ?? Infinity);
    this.#timer = this.#options.clock.schedule(Math.max(0, waitMs - elapsedMs), () => void this.#runRound());
  }

  #runRound(): Promise<void> {
    this.#startedAtMs = this.#options.clock.monotonicMs();
    this.#gapMs = undefined;
    this.#round = this.#guarded().finally(() => {
      if (this.#running) this.#wait();
    });
    return this.#round;
  }

  async #guarded(): Promise<void> {
    this.#inRound = true;
    try {
      await this.#options.work(this.#options.clock.nowMs());
    } catch (error) {
      this.#options.log.error({ error: messageOf(error), loop: this.#options.name }, 'A round of work failed; the next one will try again');
    } finally {
      this.#inRound = false;
    }
  }
}
