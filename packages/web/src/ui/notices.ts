import { signal, type ReadonlySignal } from '@preact/signals';

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

const SHOWN_MS = 6000;

/** Short messages about what an action did; each leaves by itself. Shown and announced by `NoticeList`. */
export class Notices {
  readonly #list = signal<readonly Notice[]>([]);
  #lastId = 0;

  get list(): ReadonlySignal<readonly Notice[]> {
    return this.#list;
  }

  done(text: string): void {
    this.#add('done', text);
  }

  failed(error: unknown): void {
    this.#add('failed', error instanceof Error ? error.message : String(error));
  }

  dismiss(id: number): void {
    this.#list.value = this.#list.value.filter((notice) => notice.id !== id);
  }

  #add(kind: Notice['kind'], text: string): void {
    const id = ++this.#lastId;
    this.#list.value = [...this.#list.value.slice(-2), { id, kind, text }];
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }
}
