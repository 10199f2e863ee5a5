import { useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

/** A part whose code is fetched only when it is first shown; `children` stands in until then. */
export function Later({ load, children }: { readonly load: () => Promise<ComponentType>; readonly children: JSX.Element }): JSX.Element {
  const part = useSignal<{ readonly Part: ComponentType } | undefined>(undefined);
  useEffect(() => {
    load().then(
      (Part) => (part.value = { Part }),
      () => {},
    );
  }, []);
  const Part = part.value?.Part;
  return Part === undefined ? children : <Part />;
}
