/** What watching costs a trivial Fastify route, in CPU time of the server, beside rivals in one run. `--json`: one line a row. Other arguments choose modes. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Report } from '../instruments/measure.ts';
import { httpOverhead } from './http-load.ts';

const listed = execFileSync(process.execPath, [fileURLToPath(new URL('watched-server.ts', import.meta.url)), '--list'], {
  encoding: 'utf8',
});
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const modes = (JSON.parse(listed) as string[]).filter(
  (mode) => mode === 'bare' || chosen.length === 0 || chosen.some((part) => mode.includes(part)),
);
const report = new Report('http-overhead');
const { bare = 0, ...watched } = await httpOverhead(modes);
for (const [mode, microseconds] of Object.entries(watched)) report.add(mode, 'µs', microseconds, { bare });
report.end();
