/** The engines side by side, each a process of its own that speaks remote write and Prometheus's query API. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { answers, freePort, isInstalled, RunningProgram, temporaryFolder } from '../../tests/servers/server-program.ts';
import { startPrometheus, startVictoriaMetrics } from '../../tests/servers/servers.ts';

export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly program: RunningProgram;
}

const TOKEN = 'benchmark-token-0123456789';
const COMMAND = fileURLToPath(new URL('../../packages/server/dist/cli/bellwether.js', import.meta.url));

async function startBellwether(): Promise<Subject> {
  const port = await freePort();
  const folder = temporaryFolder('bench-server');
  const program = new RunningProgram({
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', COMMAND, 'serve'],
    env: {
      PATH: process.env['PATH'] ?? '',
      BELLWETHER_PORT: String(port),
      BELLWETHER_DATA_DIR: `${folder.path}/data`,
      BELLWETHER_TOKEN: TOKEN,
    },
    isReady: () => answers(`http://127.0.0.1:${port}/readyz`),
  });
  await program.start();
  return {
    name: 'bellwether',
    url: `http://127.0.0.1:${port}`,
    folder: folder.path,
    headers: { authorization: `Bearer ${TOKEN}` },
    program,
    async [Symbol.asyncDispose]() {
      await program.kill();
      folder[Symbol.dispose]();
    },
  };
}

/** Debian's VictoriaMetrics does not know its version. */
function versionOf(binary: string, flag: string): string {
  const text = execFileSync(binary, [flag], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? '';
}

/** How to start each engine that can be had here; those that cannot are named on standard error. */
export function subjects(): (() => Promise<Subject>)[] {
  const found: (() => Promise<Subject>)[] = [startBellwether];
  const prometheus = process.env['BELLWETHER_PROMETHEUS'] ?? 'prometheus';
  if (prometheus.includes('/') || isInstalled(prometheus)) {
    const name = `prometheus ${versionOf(prometheus, '--version')}`.trim();
    found.push(async () => ({ ...(await startPrometheus(prometheus)), name, headers: {} }));
  } else console.error('SKIPPED: no prometheus on the path and none in BELLWETHER_PROMETHEUS');
  const victoria = process.env['BELLWETHER_VICTORIA_METRICS'] ?? 'victoria-metrics';
  if (victoria.includes('/') || isInstalled(victoria)) {
    const name = `victoria-metrics ${versionOf(victoria, '-version')}`.trim();
    found.push(async () => ({ ...(await startVictoriaMetrics(victoria)), name, headers: {} }));
  } else console.error('SKIPPED: no victoria-metrics on the path and none in BELLWETHER_VICTORIA_METRICS');
  return found;
}
