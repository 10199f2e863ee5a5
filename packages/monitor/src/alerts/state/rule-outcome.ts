import type { AlertChange } from '../alerting.ts';
import type { TrackedAlert } from './tracked-alert.ts';
import type { Stepped } from './transition.ts';

/** Alerts of one rule by key; only those that are not inactive. */
export type RuleAlerts = ReadonlyMap<string, TrackedAlert>;

export type EndReason = 'recovered' | 'rule_removed' | 'limit_exceeded';

/** What an evaluation makes of one rule: what differs from before, and nothing of what does not, however many alerts there are. */
export interface RuleOutcome {
  readonly ruleId: string;
  /** As they are now, where they are new or not the objects they were. */
  readonly written: readonly TrackedAlert[];
  /** As they were, where they are no more. */
  readonly ended: readonly TrackedAlert[];
  readonly changes: readonly { readonly kind: AlertChange['kind']; readonly alert: TrackedAlert }[];
  /** Why alerts that are gone have ended. @default 'recovered' */
  readonly endReason?: EndReason;
  /** When all of the rule's alerts were looked at, if they were: those that are not written were found to be as they are. */
  readonly judgedAtMs?: number;
}

/** Collects an outcome alert by alert. An alert may be stepped more than once. */
export class OutcomeDraft {
  readonly #ruleId: string;
  readonly #before: RuleAlerts;
  readonly #written = new Map<string, TrackedAlert>();
  readonly #ended = new Map<string, TrackedAlert>();
  readonly #changes: RuleOutcome['changes'][number][] = [];
  #size: number;

  constructor(ruleId: string, before: RuleAlerts) {
    this.#ruleId = ruleId;
    this.#before = before;
    this.#size = before.size;
  }

  /** Alerts that the rule would have. */
  get size(): number {
    return this.#size;
  }
  get hasChanges(): boolean {
    return this.#changes.length > 0;
  }

  /** The alert as it would be. */
  get(key: string): TrackedAlert | undefined {
    return this.#written.get(key) ?? (this.#ended.has(key) ? undefined : this.#before.get(key));
  }

  take({ alert, change }: Stepped): void {
    const { key } = alert;
    const known = this.get(key);
    if (alert.state.phase === 'inactive') this.#end(key, known);
    else if (alert !== known) {
      this.#written.set(key, alert);
      if (known === undefined) this.#size++;
    }
    if (change !== undefined) this.#changes.push({ kind: change, alert });
  }

  #end(key: string, known: TrackedAlert | undefined): void {
    if (known === undefined) return;
    this.#written.delete(key);
    const before = this.#before.get(key);
    if (before !== undefined) this.#ended.set(key, before);
    this.#size--;
  }

  outcome(judgedAtMs?: number): RuleOutcome {
    return {
      ruleId: this.#ruleId,
      written: [...this.#written.values()],
      ended: [...this.#ended.values()],
      changes: this.#changes,
      ...(judgedAtMs === undefined ? {} : { judgedAtMs }),
    };
  }
}
