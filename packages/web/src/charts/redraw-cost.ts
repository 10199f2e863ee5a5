const NAME = 'bellwether:redraw';
const KEPT = 500;

/** Leaves a `performance` measure of each redraw, so that its cost can be read in any browser's tools. Old ones are dropped. */
export class RedrawCost {
  #startedAtMs = 0;
  #count = 0;

  start(): void {
    this.#startedAtMs = performance.now();
  }

  end(): void {
    if (++this.#count % KEPT === 0) performance.clearMeasures(NAME);
    performance.measure(NAME, { start: this.#startedAtMs });
  }
}
