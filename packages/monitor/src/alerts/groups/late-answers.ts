import type { Clock } from '../../base/clock.ts';
import type { Rule } from '../../rules/groups/rule-group.ts';

/** An evaluation waits no longer than this for what a rule asks. */
const PATIENCE_MS = 1000;
/** Rules whose answers are waited for beside the evaluations. */
const MOST_LATE = 4;

interface Asked<Answer> {
  readonly atMs: number;
  readonly answer: Promise<Answer>;
  readonly cancel: () => void;
  isSettled: boolean;
}

/** What a rule asks at one instant. */
export interface Question<Answer> {
  /** As it is evaluated: a rule that was changed is another one. */
  readonly rule: Rule;
  readonly atMs: number;
  /** Whether it may be answered late; otherwise it is waited for however long it takes. */
  readonly mayBeLate: boolean;
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
}

/**
 * Keeps a slow expression from holding up everything else that is evaluated. One that is not answered in time is waited for beside the evaluations, which
 * go on without the rule; with its answer the rule is judged as of the instant at which it was asked, and instants that came meanwhile are left out. A rule that
 * was late is not waited for at all the next time. Few may be late at once: one more is an error of its rule.
 */
export class LateAnswers<Answer> {
  readonly #clock: Clock;
  readonly #late = new Map<Rule, Asked<Answer>>();
  readonly #slow = new Set<Rule>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The instant of which an answer came late and was not taken yet. */
  answeredAtMs(rule: Rule): number | undefined {
    const asked = this.#late.get(rule);
    return asked?.isSettled === true ? asked.atMs : undefined;
  }

  /** Whether one of these rules has an answer that came late and was not taken yet. */
  hasAnswered(rules: ReadonlySet<Rule>): boolean {
    for (const [rule, { isSettled }] of this.#late) if (isSettled && rules.has(rule)) return true;
    return false;
  }

  /** @returns `undefined` when the answer is late. Rejects with what `ask` rejects with, and when too many are late. */
  async of({ rule, atMs, mayBeLate, ask }: Question<Answer>): Promise<Answer | undefined> {
    if (!mayBeLate) return await ask(new AbortController().signal);
    const late = this.#late.get(rule);
    if (late?.isSettled === true) {
      this.#late.delete(rule);
      if (late.atMs === atMs) return await late.answer;
    } else if (late !== undefined) return undefined;
    if (this.#slow.has(rule) && this.#late.size >= MOST_LATE) throw tooMany();
    const asked = this.#start(rule, atMs, ask);
    if (await this.#isInTime(rule, asked)) return await asked.answer;
    this.#slow.add(rule);
    if (this.#late.size >= MOST_LATE) {
      asked.cancel();
      throw tooMany();
    }
    this.#late.set(rule, asked);
    return undefined;
  }

  /** Forgets rules that are no longer evaluated, and ends what they asked. */
  keepOnly(rules: ReadonlySet<Rule>): void {
    for (const rule of this.#slow) if (!rules.has(rule)) this.#slow.delete(rule);
    for (const [rule, { cancel }] of this.#late) {
      if (rules.has(rule)) continue;
      cancel();
      this.#late.delete(rule);
    }
  }

  #start(rule: Rule, atMs: number, ask: Question<Answer>['ask']): Asked<Answer> {
    const startedMs = this.#clock.monotonicMs();
    const abort = new AbortController();
    const answer = ask(abort.signal);
    const asked: Asked<Answer> = { atMs, answer, cancel: () => abort.abort(), isSettled: false };
    const settled = (): void => {
      asked.isSettled = true;
      if (this.#clock.monotonicMs() - startedMs < PATIENCE_MS) this.#slow.delete(rule);
    };
    answer.then(settled, settled);
    return asked;
  }

  async #isInTime(rule: Rule, asked: Asked<Answer>): Promise<boolean> {
    if (this.#slow.has(rule)) return false;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.schedule(PATIENCE_MS, resolve);
      const end = (): void => {
        timer.cancel();
        resolve();
      };
      asked.answer.then(end, end);
    });
    return asked.isSettled;
  }
}

function tooMany(): Error {
  return new Error(`the expression takes longer than ${PATIENCE_MS} ms, and ${MOST_LATE} others that do are waited for already`);
}
