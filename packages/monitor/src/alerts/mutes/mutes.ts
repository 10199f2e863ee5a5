import type { Labels } from '../../model/labels.ts';
import { compileInhibition, type FindInhibitor, type FiringAlert, type InhibitRule } from './inhibition.ts';
import { isSilencedAt, type CompiledSilence } from './silences.ts';

/** Why nobody is told of an alert: a silence or maintenance window covers it, or another alert explains it. */
export interface Mute {
  readonly silenced: boolean;
  /** Id of the alert that explains it. */
  readonly inhibitedBy: string | undefined;
}

const FREE: Mute = { silenced: false, inhibitedBy: undefined };

/** What keeps alerts from being told, asked by their labels as matchers see them. */
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

  /** Whether an answer may change by the passing of time alone. */
  get dependsOnTime(): boolean {
    return this.#silences.length > 0;
  }

  /** Takes the alerts that fire from now on. Goes through all of them; not needed without rules. */
  explainBy(firing: Iterable<FiringAlert>): void {
    this.#inhibitorOf = this.#inhibit(firing);
  }

  of(labels: Labels, nowMs: number): Mute {
    const silenced = this.#silences.length > 0 && isSilencedAt(this.#silences, labels, nowMs);
    const inhibitedBy = this.hasInhibition ? this.#inhibitorOf(labels) : undefined;
    return silenced || inhibitedBy !== undefined ? { silenced, inhibitedBy } : FREE;
  }
}
