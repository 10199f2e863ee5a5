import { signal, type ReadonlySignal } from '@preact/signals';

/** How the page stands with the server. `retrying` waits until `retryAtMs`; `paused` is on purpose: the page is hidden. */
export type Connection =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'live' }
  | { readonly phase: 'paused' }
  | { readonly phase: 'offline' }
  | { readonly phase: 'retrying'; readonly attempt: number; readonly retryAtMs: number };

/** What an open connection tells. */
export interface Listener {
  readonly onMessage: (text: string) => void;
  readonly onLost: () => void;
}

/** Opens a connection that tells the listener; returns what closes it. */
export type Open = (listener: Listener) => () => void;

export interface LiveStreamOptions {
  readonly open: Open;
  /** Gets each message's text. */
  readonly onMessage: (text: string) => void;
  /** Runs before each new attempt; `false` ends trying (signed out). */
  readonly mayConnect: () => Promise<boolean>;
  readonly nowMs: () => number;
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
  /** Uniform in [0, 1): spreads the attempts of many pages. */
  readonly random: () => number;
  /** Silence after which a connection counts as dead. @default 15,000 */
  readonly silenceMs?: number;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/**
 * Keeps one event stream open: reconnects with growing pauses (half fixed, half drawn), notices a connection that is open but silent,
 * and stands still while paused. `EventSource` alone does neither back off nor tell what it is doing.
 */
export class LiveStream implements Disposable {
  readonly #state = signal<Connection>({ phase: 'paused' });
  readonly #options: LiveStreamOptions;
  #close: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #attempt = 0;
  /** Counts starts and stops: an answer to an older one is ignored. */
  #generation = 0;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#state;
  }

  /** Connects now, whatever the wait; does nothing while connected. */
  start(): void {
    if (this.#close !== undefined) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Closes and stays closed, showing `phase`, until `start`. */
  stop(phase: 'paused' | 'offline' = 'paused'): void {
    this.#drop();
    this.#state.value = { phase };
  }

  /** Closes and connects anew at once: for another address. */
  restart(): void {
    this.#drop();
    this.start();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #connect(): void {
    this.#drop();
    const generation = this.#generation;
    this.#state.value = this.#attempt === 0 ? { phase: 'connecting' } : this.#state.value;
    const goOn = (may: boolean): void => {
      if (generation !== this.#generation) return;
      if (may) this.#listen();
      else this.stop();
    };
    const fail = (): void => {
      if (generation === this.#generation) this.#retryLater();
    };
    this.#options.mayConnect().then(goOn, fail);
  }

  #listen(): void {
    const generation = this.#generation;
    const ifCurrent = (act: () => void): void => {
      if (generation === this.#generation) act();
    };
    this.#watchSilence();
    this.#close = this.#options.open({
      onMessage: (text) => ifCurrent(() => this.#take(text)),
      onLost: () => ifCurrent(() => this.#retryLater()),
    });
  }

  #take(text: string): void {
    this.#attempt = 0;
    if (this.#state.value.phase !== 'live') this.#state.value = { phase: 'live' };
    this.#watchSilence();
    this.#options.onMessage(text);
  }

  #watchSilence(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.schedule(() => this.#retryLater(), this.#options.silenceMs ?? 15_000);
  }

  #retryLater(): void {
    this.#drop();
    this.#attempt++;
    const ceilingMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempt);
    const delayMs = ceilingMs * (0.5 + this.#options.random() / 2);
    this.#state.value = { phase: 'retrying', attempt: this.#attempt, retryAtMs: this.#options.nowMs() + delayMs };
    this.#cancelTimer = this.#options.schedule(() => this.#connect(), delayMs);
  }

  #drop(): void {
    this.#generation++;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#close?.();
    this.#close = undefined;
  }
}
