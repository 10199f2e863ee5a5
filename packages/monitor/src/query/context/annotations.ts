const MAX_EACH = 10;

/** Warnings (the result may be wrong) and infos (it may surprise) of one query, each once, ten of each kind at most. */
export class Annotations {
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  get warnings(): string[] {
    return [...this.#warnings];
  }
  get infos(): string[] {
    return [...this.#infos];
  }
  warn(text: string): void {
    if (this.#warnings.size < MAX_EACH) this.#warnings.add(text);
  }
  inform(text: string): void {
    if (this.#infos.size < MAX_EACH) this.#infos.add(text);
  }
}
