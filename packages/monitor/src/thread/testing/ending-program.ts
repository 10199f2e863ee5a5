/** A watched program that records something and ends at once, in the way it is told. */
import { createPerformanceMonitor } from '../../performance-monitor.ts';

const [dataDir = '', way = ''] = process.argv.slice(2);
const monitor = createPerformanceMonitor({ dataDir });
await monitor.startMonitoring({ interval: 30 });

const WAYS: Readonly<Record<string, () => void>> = {
  'runs out of work': () => {},
  'process.exit': () => setImmediate(() => process.exit(3)),
  throws: () =>
    setImmediate(() => {
      throw new RangeError('nobody catches this');
    }),
  rejects: () => void Promise.reject(new TypeError('nor this')),
  'waits for a signal': () => void setInterval(() => {}, 60_000),
  'handles the signal itself': () => {
    process.on('SIGTERM', () => setTimeout(() => process.exit(7), 20));
    setInterval(() => {}, 60_000);
  },
  'catches an error, then exits': () => {
    process.on('uncaughtException', () => setTimeout(() => process.exit(4), 20));
    setImmediate(() => {
      throw new Error('caught');
    });
  },
};

monitor.registry.counter('last_words_total').add(5);
WAYS[way]?.();
process.send?.('ready');
