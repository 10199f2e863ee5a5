import type { Listener, Open } from './live-stream.ts';

const PERIOD_MS = 5000;

/** A connection that is an event stream of the server: messages without a name, or named `frame`. */
export function eventStream(url: string): Open {
  return ({ onMessage, onLost }: Listener) => {
    const source = new EventSource(url);
    const take = (event: MessageEvent<string>): void => onMessage(event.data);
    source.addEventListener('message', take);
    source.addEventListener('frame', take);
    source.addEventListener('error', onLost);
    return () => source.close();
  };
}

/** Stands in for a stream where the server has none: asks again every 5 s until closed or refused. */
export function polling(fetchFrame: () => Promise<unknown>): Open {
  return ({ onMessage, onLost }: Listener) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isClosed = false;
    const ask = async (): Promise<void> => {
      try {
        const frame = await fetchFrame();
        if (isClosed) return;
        onMessage(JSON.stringify(frame));
        timer = setTimeout(() => void ask(), PERIOD_MS);
      } catch {
        onLost();
      }
    };
    void ask();
    return () => {
      isClosed = true;
      clearTimeout(timer);
    };
  };
}
