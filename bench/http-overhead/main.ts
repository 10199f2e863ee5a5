/** What watching costs a trivial Fastify route, in CPU time of the server, beside rivals in one run. `--json`: one line a row. */
import { Report } from '../instruments/measure.ts';
import { httpOverhead } from './http-load.ts';

const report = new Report('http-overhead');
const { ours = 0, ...others } = await httpOverhead(['bare', 'ours', 'prom-client']);
report.add('Fastify request with route, CPU', 'µs', ours, others);
report.end();
