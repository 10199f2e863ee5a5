import { VERSION } from './engine/version.ts';
import { createPerformanceMonitor, type PerformanceMonitor } from './performance-monitor.ts';

const SHARED = Symbol.for('bellwether.monitor');
/** Raised when a monitor of another version can no longer stand in for ours: a method was removed or means something else. */
const PROTOCOL = 1;

interface Shared {
  readonly protocol: number;
  readonly version: string;
  readonly monitor: PerformanceMonitor;
}

/**
 * One monitor, and so one registry, for every copy of this package in the process: a service whose dependencies bring their own copies is watched
 * once. A copy that speaks another protocol gets a monitor of its own and says so.
 */
export function sharedMonitor(): PerformanceMonitor {
  const holder = globalThis as { [SHARED]?: Shared };
  const shared = holder[SHARED];
  if (shared === undefined) {
    const monitor = createPerformanceMonitor();
    holder[SHARED] = { protocol: PROTOCOL, version: VERSION, monitor };
    return monitor;
  }
  if (shared.protocol === PROTOCOL) return shared.monitor;
  process.emitWarning(
    `Two copies of @bellwether/monitor (${shared.version}, ${VERSION}) in this process do not fit together; what is recorded with the second goes to a monitor of its own.`,
    { type: 'BellwetherWarning' },
  );
  return createPerformanceMonitor();
}
