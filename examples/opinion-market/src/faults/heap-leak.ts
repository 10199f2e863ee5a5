import type { Clock, Timer } from '@bellwether/monitor';
import type { FaultEffect } from './fault-board.ts';

const PERIOD_MS = 250;
const BYTES_PER_NUMBER = 8;

export interface LeakOptions {
  readonly clock: Clock;
  /** @default 3 MiB */
  readonly bytesPerSecond?: number;
  /** It stops growing here, so that a forgotten fault does not end the process. @default 400 MiB */
  readonly mostBytes?: number;
}

/** Grows while it is on, and lets go of everything when it is switched off. */
export class HeapLeak implements FaultEffect {
  readonly #clock: Clock;
  readonly #chunkBytes: number;
  readonly #mostBytes: number;
  #kept: number[][] = [];
  #timer: Timer | undefined;

  constructor({ clock, bytesPerSecond = 3 * 2 ** 20, mostBytes = 400 * 2 ** 20 }: LeakOptions) {
    this.#clock = clock;
    this.#chunkBytes = (bytesPerSecond * PERIOD_MS) / 1000;
    this.#mostBytes = mostBytes;
  }

  get keptBytes(): number {
    return this.#kept.length * this.#chunkBytes;
  }
  on(): void {
    this.#timer = this.#clock.schedule(PERIOD_MS, () => {
      if (this.keptBytes + this.#chunkBytes <= this.#mostBytes) this.#kept.push(this.#chunk());
      this.on();
    });
  }
  off(): void {
    this.#timer?.cancel();
    this.#kept = [];
  }

  /** Doubles of their own: an array of small integers would be shared pages of nothing. */
  #chunk(): number[] {
    return Array.from({ length: this.#chunkBytes / BYTES_PER_NUMBER }, (_, i) => i + this.#clock.random());
  }
}
