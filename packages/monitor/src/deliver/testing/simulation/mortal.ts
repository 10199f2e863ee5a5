import type { Kysely } from 'kysely';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { StateStore } from '../../../store/state-store.ts';
import type { StateTables } from '../../../store/state-tables.ts';

/** When a process dies of itself. */
export type Doom = 'before a send' | 'after a send' | 'before a commit' | 'after a commit';

const GONE = 'the process is dead';

/** A process that may die at any moment: from then on its timers are gone, and its state answers with errors while what is on disk stays. */
export class MortalProcess {
  readonly clock: Clock;
  readonly state: StateStore;
  readonly #timers = new Set<Timer>();
  #isDead = false;
  /** Comes true once. */
  doom: Doom | undefined;

  constructor(clock: Clock, store: StateStore) {
    this.clock = this.#mortalClock(clock);
    this.state = this.#mortalState(store);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  die(): void {
    this.#isDead = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Whether the process dies here. */
  meets(moment: Doom): boolean {
    if (this.doom === moment && !this.#isDead) this.die();
    return this.#isDead;
  }

  #mortalClock(clock: Clock): Clock {
    const schedule = (delayMs: number, callback: () => void): Timer => {
      if (this.#isDead) return { cancel: () => {}, [Symbol.dispose]: () => {} };
      const forget = (): void => void this.#timers.delete(own);
      const timer = clock.schedule(delayMs, () => (forget(), callback()));
      const cancel = (): void => (timer.cancel(), forget());
      const own: Timer = { cancel, [Symbol.dispose]: cancel };
      this.#timers.add(own);
      return own;
    };
    return {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      random: () => clock.random(),
      schedule,
      sleep: (delayMs, signal) =>
        new Promise((resolve, reject) => {
          const timer = schedule(delayMs, resolve);
          signal?.addEventListener('abort', () => (timer.cancel(), reject(signal.reason)), { once: true });
        }),
    };
  }

  #mortalState(store: StateStore): StateStore {
    const alive = (moment?: Doom): void => {
      if (this.#isDead || (moment !== undefined && this.meets(moment))) throw new Error(GONE);
    };
    return {
      server: '',
      problems: [],
      get db(): Kysely<StateTables> {
        alive();
        return store.db;
      },
      transaction: async (work) => {
        alive();
        const result = await store.transaction(async (tx) => {
          const done = await work(tx);
          alive('before a commit');
          return done;
        });
        alive('after a commit');
        return result;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }
}
