import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

export interface SureButtonProps {
  /** What the second press is labelled, such as `Clear everything?`. */
  readonly question: string;
  readonly onSure: () => void;
  readonly children: ComponentChildren;
}

const PATIENCE_MS = 4000;

/** A button for what cannot be undone: the first press asks, a second one within four seconds does it. */
export function SureButton({ question, onSure, children }: SureButtonProps): JSX.Element {
  const asks = useSignal(false);
  useEffect(() => {
    if (!asks.value) return undefined;
    const timer = setTimeout(() => (asks.value = false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [asks.value]);
  const press = (): void => {
    if (asks.value) onSure();
    asks.value = !asks.value;
  };
  return (
    <button type="button" class={asks.value ? 'danger' : ''} onClick={press} onBlur={() => (asks.value = false)}>
      {asks.value ? question : children}
    </button>
  );
}
