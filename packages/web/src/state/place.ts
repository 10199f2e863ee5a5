import { signal, type ReadonlySignal } from '@preact/signals';

/**
 * The part of the page the address names after its `#`: empty for the overview, else `alerting`, `alerting/silences` and so on. Marks inside
 * a part, such as `#content`, leave it as it is.
 */
export function startPlace(): ReadonlySignal<string> {
  const named = (): string | undefined => (/^(#alerting.*)?$/.test(location.hash) ? location.hash.slice(1) : undefined);
  const place = signal(named() ?? '');
  addEventListener('hashchange', () => (place.value = named() ?? place.value));
  return place;
}
