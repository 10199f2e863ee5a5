import type { Logger } from '../base/logger.ts';

const MOST_PROBLEMS = 20;

/** Damage that was found, each told once to the log and kept for `/readyz`; at most 20. */
export class ProblemList {
  readonly #log: Logger;
  readonly #problems: string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }
  get all(): readonly string[] {
    return this.#problems;
  }

  add(problem: string): void {
    if (this.#problems.length >= MOST_PROBLEMS || this.#problems.includes(problem)) return;
    this.#problems.push(problem);
    this.#log.error({}, problem);
  }
}
