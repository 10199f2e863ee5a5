import { compileInhibition, type FindInhibitor, type FiringAlert, type InhibitRule } from './inhibition.ts';
import { matchableLabels, silencesAt, type CompiledSilence, type MatchableAlert } from './silences.ts';

/** Why nobody is told of an alert: a silence or maintenance window covers it, or another alert explains it. */
export interface Mute {
  /** Ids of the silences that cover it. */
  readonly silencedBy: readonly string[];
  /** Id of the alert that explains it. */
  readonly inhibitedBy: string | undefined;
}

const FREE: Mute = { silencedBy: [], inhibitedBy: undefined };

/** What keeps alerts from being told. */
export class Mutes {
  readonly hasInhibition: boolean;
  readonly #inhibit: (firing: Iterable<FiringAlert>) => FindInhibitor;
  #inhibitorOf: FindInhibitor = () => undefined;
  #silences: readonly CompiledSilence[] = [];

  /** @throws BellwetherError `query_invalid` for a regular expression that is not RE2. */
  constructor(inhibitRules: readonly InhibitRule[] = []) {
    this.hasInhibition = inhibitRules.length > 0;
    this.#inhibit = compileInhibition(inhibitRules);
  }

  get silences(): readonly CompiledSilence[] {
    return this.#silences;
  }
  set silences(silences: readonly CompiledSilence[]) {
    this.#silences = silences;
  }

  /** Takes the alerts that fire from now on. Goes through all of them; not needed without rules. */
  explainBy(firing: Iterable<FiringAlert>): void {
    this.#inhibitorOf = this.#inhibit(firing);
  }

  of(alert: MatchableAlert, nowMs: number): Mute {
    if (this.#silences.length === 0 && !this.hasInhibition) return FREE;
    const labels = matchableLabels(alert);
    const silencedBy = silencesAt(this.#silences, labels, nowMs);
    const inhibitedBy = this.hasInhibition ? this.#inhibitorOf(labels) : undefined;
    return silencedBy.length > 0 || inhibitedBy !== undefined ? { silencedBy, inhibitedBy } : FREE;
  }
}
