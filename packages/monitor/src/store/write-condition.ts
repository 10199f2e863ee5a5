import { BellwetherError, messageOf } from '../base/errors.ts';
import { isDiskFull } from './sqlite.ts';

/** Whether the disk takes what is written to state, as the last write showed. */
export class WriteCondition {
  #problem: string | undefined;

  /** Why the last write was refused; `undefined` since one was taken. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** A write is on disk. */
  accepted(): void {
    this.#problem = undefined;
  }

  /** What to throw instead of an error of SQLite: `state_unavailable` for a refusal of the disk, everything else as it is. */
  refused(error: unknown): unknown {
    if (!isDiskFull(error)) return error;
    this.#problem = `State cannot be written: ${messageOf(error)}`;
    return new BellwetherError('state_unavailable', this.#problem, {
      hint: 'Make room on the disk of the data directory; nothing of this change was kept.',
      cause: error,
    });
  }
}
