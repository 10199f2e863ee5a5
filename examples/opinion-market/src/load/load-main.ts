/** The process visitors come from: `load-main URL RATE`. Ends with its parent. */
import { systemClock } from '@bellwether/monitor';
import { LoadGenerator } from './load-generator.ts';

process.title = 'opinion-market-load';
const [url = 'http://127.0.0.1:8001', rate = '50'] = process.argv.slice(2);
const generator = new LoadGenerator({ url, perSecond: Number(rate), clock: systemClock });
generator.start();
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
