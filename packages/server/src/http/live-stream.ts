import { messageOf, type Engine, type LiveFrame, type Logger, type Timer } from '@bellwether/monitor/engine';
import { frameNow, frameView } from './frame-view.ts';
import { ApiProblem } from './problem.ts';

/** A viewer's queue holds this many frames; one that reads slower misses frames, never memory. */
const QUEUED_FRAMES = 4;
/** Without a frame for this long one is made, so that a stopped collection does not look like a dead connection. */
const SILENCE_MS = 5000;
/** A viewer that has taken nothing for this long is gone. */
const STALLED_MS = 60_000;

interface Viewer {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  takenAtMs: number;
}

/**
 * The live view as server-sent events. Each frame is turned into bytes once for all viewers, and the engine is asked for frames only
 * while somebody looks. Frames are whole pictures, so a slow viewer skips some and is right again with the next.
 */
export class LiveStream implements Disposable {
  readonly #engine: Engine;
  readonly #log: Logger;
  readonly #mostViewers: number;
  readonly #viewers = new Set<Viewer>();
  #stopWatching: (() => void) | undefined;
  #heartbeat: Timer | undefined;
  #latest: { readonly bytes: Uint8Array; readonly atMs: number } | undefined;
  #isClosed = false;

  constructor(options: { readonly engine: Engine; readonly log: Logger; readonly mostViewers: number }) {
    this.#engine = options.engine;
    this.#log = options.log;
    this.#mostViewers = options.mostViewers;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** @throws ApiProblem `too_many_viewers` | `engine_stopped` */
  open(): Response {
    if (this.#isClosed) throw new ApiProblem('engine_stopped', 'The server is stopping.');
    if (this.#viewers.size >= this.#mostViewers) throw new ApiProblem('too_many_viewers', `${this.#mostViewers} live views are open.`);
    let viewer: Viewer | undefined;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          viewer = { controller, takenAtMs: this.#engine.clock.monotonicMs() };
          this.#add(viewer);
        },
        cancel: () => {
          if (viewer !== undefined) this.#remove(viewer);
        },
      },
      { highWaterMark: QUEUED_FRAMES },
    );
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    });
  }

  /** Ends all live views; their pages reconnect when the server is back. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const viewer of this.#viewers) {
      this.#remove(viewer);
      viewer.controller.close();
    }
  }

  #add(viewer: Viewer): void {
    this.#viewers.add(viewer);
    viewer.controller.enqueue(encode('retry: 1000\n: connected\n\n'));
    this.#stopWatching ??= this.#engine.watch((frame) => this.#show(frame));
    this.#heartbeat ??= this.#engine.clock.schedule(SILENCE_MS, () => this.#beat());
    const isFresh = this.#latest !== undefined && this.#engine.clock.monotonicMs() - this.#latest.atMs < SILENCE_MS;
    if (isFresh && this.#latest !== undefined) this.#send(viewer, this.#latest.bytes);
    else void this.#showNow();
  }

  #remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
  }

  #beat(): void {
    this.#heartbeat = this.#engine.clock.schedule(SILENCE_MS, () => this.#beat());
    const nowMs = this.#engine.clock.monotonicMs();
    for (const viewer of this.#viewers) {
      if (nowMs - viewer.takenAtMs < STALLED_MS) continue;
      this.#remove(viewer);
      viewer.controller.error(new Error('The viewer stopped reading'));
    }
    if (this.#latest === undefined || nowMs - this.#latest.atMs >= SILENCE_MS) void this.#showNow();
  }

  async #showNow(): Promise<void> {
    try {
      this.#show(await frameNow(this.#engine));
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'No live frame could be made');
      for (const viewer of this.#viewers) this.#send(viewer, encode(': no frame could be made\n\n'));
    }
  }

  #show(frame: LiveFrame): void {
    const bytes = encode(`event: frame\ndata: ${JSON.stringify(frameView(frame, this.#engine))}\n\n`);
    this.#latest = { bytes, atMs: this.#engine.clock.monotonicMs() };
    for (const viewer of this.#viewers) this.#send(viewer, bytes);
  }

  #send(viewer: Viewer, bytes: Uint8Array): void {
    if ((viewer.controller.desiredSize ?? 0) <= 0) return;
    viewer.takenAtMs = this.#engine.clock.monotonicMs();
    viewer.controller.enqueue(bytes);
  }
}

const encoder = new TextEncoder();
function encode(text: string): Uint8Array {
  return encoder.encode(text);
}
