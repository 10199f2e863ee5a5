import { signal, type ReadonlySignal } from '@preact/signals';
import { remember, remembered } from '../state/remembered.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

const CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];

/** Light, dark, or what the system prefers; remembered in this browser. */
export class Theme {
  readonly #choice = signal<ThemeChoice>(CHOICES.find((choice) => choice === remembered('theme')) ?? 'system');
  /** Counts changes of what is in effect: what reads colours for a canvas reads them again. */
  readonly #revision = signal(0);

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#revision.value++);
  }

  get choice(): ReadonlySignal<ThemeChoice> {
    return this.#choice;
  }

  get revision(): ReadonlySignal<number> {
    return this.#revision;
  }

  /** Goes to the next choice: system, light, dark, and around. */
  next(): void {
    this.choose(CHOICES[(CHOICES.indexOf(this.#choice.value) + 1) % CHOICES.length] as ThemeChoice);
  }

  choose(choice: ThemeChoice): void {
    this.#choice.value = choice;
    remember('theme', choice === 'system' ? null : choice);
    if (choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
    this.#revision.value++;
  }
}
