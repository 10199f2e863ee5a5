import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../api/api.ts';
import { ApiError } from '../api/http.ts';
import type { Frame } from '@bellwether/server/api';
import { eventStream, polling } from './connections.ts';
import { LiveStream, type Connection, type Listener } from './live-stream.ts';

export interface LiveFeedOptions {
  readonly api: Api;
  readonly instance: ReadonlySignal<string>;
  readonly onFrame: (frame: Frame) => void;
  /** Runs whenever a connection has come (back): what was missed must be fetched. */
  readonly onResume: () => void;
}

/** Time a page may be hidden before its stream is closed: a glance at another tab costs no reconnect. */
const HIDDEN_GRACE_MS = 3000;

const schedule = (callback: () => void, delayMs: number): (() => void) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

/** The newest picture of the chosen instance, kept up to date while the page is visible and somebody is signed in. */
export class LiveFeed {
  readonly #frame = signal<Frame | undefined>(undefined);
  readonly #options: LiveFeedOptions;
  readonly #stream: LiveStream;
  #awaitsFirst = true;
  #wanted = false;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#stream = new LiveStream({
      open: (listener) => this.#open(listener),
      onMessage: (text) => this.#take(text),
      mayConnect: () => this.#mayConnect(),
      nowMs: Date.now,
      random: Math.random,
      schedule,
    });
    let cancelPause: (() => void) | undefined;
    document.addEventListener('visibilitychange', () => {
      cancelPause?.();
      if (document.hidden) cancelPause = schedule(() => this.#wanted && this.#stream.stop('paused'), HIDDEN_GRACE_MS);
      else this.#resume();
    });
    addEventListener('offline', () => this.#wanted && this.#stream.stop('offline'));
    addEventListener('online', () => this.#resume());
  }

  get frame(): ReadonlySignal<Frame | undefined> {
    return this.#frame;
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#stream.connection;
  }

  start(): void {
    this.#wanted = true;
    this.#resume();
  }

  stop(): void {
    this.#wanted = false;
    this.#frame.value = undefined;
    this.#stream.stop();
  }

  restart(): void {
    this.#wanted = true;
    this.#stream.restart();
  }

  /** Drops the picture: it is of another instance. */
  forget(): void {
    this.#frame.value = undefined;
  }

  #resume(): void {
    if (this.#wanted && !document.hidden) this.#stream.start();
  }

  #open(listener: Listener): () => void {
    this.#awaitsFirst = true;
    const { api, instance } = this.#options;
    const open = instance.value === '' ? eventStream(api.streamUrl()) : polling(() => api.frame(instance.value));
    return open(listener);
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as Frame;
    batch(() => {
      this.#frame.value = frame;
      this.#options.onFrame(frame);
    });
    if (!this.#awaitsFirst) return;
    this.#awaitsFirst = false;
    this.#options.onResume();
  }

  /** `EventSource` hides why it failed; a plain call tells a lost session from a lost server. */
  async #mayConnect(): Promise<boolean> {
    try {
      await this.#options.api.health();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  }
}
