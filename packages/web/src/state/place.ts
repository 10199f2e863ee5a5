import { signal, type ReadonlySignal } from '@preact/signals';

/** The part of the page the address names after its `#`: empty for the overview, else `alerting`, `alerting/silences?…` and so on. */
export function startPlace(): ReadonlySignal<string> {
  const named = (): string => (location.hash.startsWith('#alerting') ? location.hash.slice(1) : '');
  const place = signal(named());
  addEventListener('hashchange', () => (place.value = named()));
  return place;
}
