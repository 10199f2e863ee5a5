import { PerformanceObserver } from 'node:perf_hooks';
import { metaOf } from '../instruments/catalogue.ts';
import type { Registry } from '../instruments/registry.ts';
import { guarded } from './listen.ts';

/** Times what this process asks the name service, by kind of question (`lookup`, `queryA`, …): names are not told, for they come from anywhere. */
export function observeDns(registry: Registry): Disposable {
  const times = registry.timer('dns_lookup_time', metaOf('dns_lookup_time'));
  const take = guarded(registry, (list: { getEntries(): readonly { readonly name: string; readonly duration: number }[] }) => {
    for (const { name, duration } of list.getEntries()) times.record(duration, { kind: name });
  });
  const observer = new PerformanceObserver((list) => take(list));
  observer.observe({ entryTypes: ['dns'] });
  return { [Symbol.dispose]: () => observer.disconnect() };
}
