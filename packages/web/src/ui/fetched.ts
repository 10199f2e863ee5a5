import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** What a part of the page asked the server for. */
export interface Fetched<T> {
  /** The newest answer; kept while the next one is on its way, and when it fails. */
  readonly value: T | undefined;
  /** Why the newest attempt failed, as a sentence; empty when it did not. */
  readonly problem: string;
  readonly reload: () => void;
}

/**
 * Asks when first shown, whenever `key` changes, on `reload`, and again every `everyMs` while the page is in sight. An answer to an older
 * question is dropped.
 * @param key Says what is asked: the same key, the same question.
 */
export function useFetched<T>(load: () => Promise<T>, key: string, everyMs = 10_000): Fetched<T> {
  const value = useSignal<T | undefined>(undefined);
  const problem = useSignal('');
  const turn = useSignal(0);
  useEffect(() => {
    let isCurrent = true;
    const ask = (): void => {
      load().then(
        (answer) => isCurrent && ((value.value = answer), (problem.value = '')),
        (error: Error) => isCurrent && (problem.value = error.message),
      );
    };
    ask();
    const timer = setInterval(() => !document.hidden && ask(), everyMs);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [key, turn.value]);
  return { value: value.value, problem: problem.value, reload: () => turn.value++ };
}
