/**
 * `@bellwether/monitor/opentelemetry`: records what is measured with `@opentelemetry/api` in the process's monitor. Needs `@opentelemetry/api`.
 *
 * ```ts
 * import { registerMeterProvider } from '@bellwether/monitor/opentelemetry';
 * registerMeterProvider();   // before others ask the API for meters
 * ```
 */
import { metrics, type MeterProvider } from '@opentelemetry/api';
import { createMeterProvider } from './adopt/opentelemetry/meter-provider.ts';
import { performanceMonitor } from './index.ts';

export { createMeterProvider } from './adopt/opentelemetry/meter-provider.ts';

/** The provider whose metrics are those of the process's monitor. */
export const meterProvider: MeterProvider = createMeterProvider(performanceMonitor.registry);

/** Makes ours the API's global provider. @returns false when another one is registered, or the monitor is disabled: nothing is changed. */
export function registerMeterProvider(): boolean {
  return performanceMonitor.enabled && metrics.setGlobalMeterProvider(meterProvider);
}
