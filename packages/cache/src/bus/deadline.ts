import type { CacheClock } from '../base/clock.ts';

/** The other side did not answer in time. It may still do what it was asked. */
export class AnswerLate extends Error {
  override readonly name = 'AnswerLate';
  constructor(afterMs: number) {
    super(`no answer within ${afterMs} ms`);
  }
}

/** What `answer` gives, or `AnswerLate` after `withinMs`. */
export function answerWithin<T>(clock: CacheClock, withinMs: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(withinMs, () => reject(new AnswerLate(withinMs)));
    answer.then(resolve, reject).finally(() => timer.cancel());
  });
}

export function pause(clock: CacheClock, forMs: number): Promise<void> {
  return new Promise((resolve) => void clock.schedule(forMs, resolve));
}
