import { useSignal } from '@preact/signals';
import { h, type ComponentType, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';

export interface LaterProps<Props> {
  readonly load: () => Promise<ComponentType<Props>>;
  /** Handed to the part. */
  readonly props: Props;
  /** Stands in until the code is there. */
  readonly children?: JSX.Element;
}

/** A part whose code is fetched only when it is first shown. */
export function Later<Props extends object>({ load, props, children }: LaterProps<Props>): JSX.Element {
  const part = useSignal<{ readonly Part: ComponentType<Props> } | undefined>(undefined);
  const hasFailed = useSignal(false);
  useEffect(() => {
    load().then(
      (Part) => (part.value = { Part }),
      () => (hasFailed.value = true),
    );
  }, []);
  if (hasFailed.value) return <p class="problem">This part could not be loaded: the server may have been updated. Reload the page.</p>;
  return part.value === undefined ? (children ?? <></>) : h(part.value.Part, props);
}
