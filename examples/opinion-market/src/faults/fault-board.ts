/** What can go wrong here on purpose, by name, with the sentence that says what it does. */
export const FAULTS = {
  'slow-query': 'drops the index behind the list of trades, so each call reads the whole table',
  'n-plus-one': 'loads a portfolio with one query for each position',
  blocking: 'computes the leaderboard synchronously for a quarter of a second on each call',
  'small-cache': 'serves reads from a cache of eight entries',
  stampede: 'lets every request load the expired ticker for itself',
  'heap-leak': 'keeps 3 MiB a second that nobody needs, up to 400 MiB',
  'error-burst': 'lets four in ten portfolio requests fail',
  'slow-downstream': 'makes the odds feed answer after 1.5 s',
} as const;
export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** What a fault does when it is switched; most only have their flag read where the work is done. */
export interface FaultEffect {
  on(): void;
  off(): void;
}

/** The switches. Switching a fault to the state it has does nothing. */
export class FaultBoard implements Disposable {
  readonly #effects: ReadonlyMap<FaultName, FaultEffect>;
  readonly #active = new Set<FaultName>();

  constructor(effects: Partial<Record<FaultName, FaultEffect>> = {}) {
    this.#effects = new Map(Object.entries(effects) as [FaultName, FaultEffect][]);
  }

  isOn(name: FaultName): boolean {
    return this.#active.has(name);
  }
  set(name: FaultName, on: boolean): void {
    if (on === this.isOn(name)) return;
    if (on) this.#active.add(name);
    else this.#active.delete(name);
    this.#effects.get(name)?.[on ? 'on' : 'off']();
  }
  /** Every fault, switched on or not. */
  list(): { readonly name: FaultName; readonly on: boolean; readonly effect: string }[] {
    return (Object.keys(FAULTS) as FaultName[]).map((name) => ({ name, on: this.isOn(name), effect: FAULTS[name] }));
  }
  [Symbol.dispose](): void {
    for (const name of this.#active) this.set(name, false);
  }
}
