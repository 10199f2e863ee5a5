import type { JSX } from 'preact';

/** Why something could not be had or done, read out when it appears; nothing while all is well. */
export function Problem({ text }: { readonly text: string }): JSX.Element | null {
  return text === '' ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
