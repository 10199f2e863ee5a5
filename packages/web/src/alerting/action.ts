import { useDashboard } from '../state/context.ts';

/** Runs a call that changes something and tells how it went in the page's corner: `done` or the server's own sentence, else why not. */
export function useAction(): (call: () => Promise<unknown>, options?: { readonly done?: string; readonly onDone?: () => void }) => void {
  const { notices } = useDashboard();
  return (call, { done, onDone } = {}) =>
    void call().then(
      (answer) => {
        notices.done(done ?? String(answer));
        onDone?.();
      },
      (error: unknown) => notices.failed(error),
    );
}
