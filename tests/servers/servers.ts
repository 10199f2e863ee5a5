/**
 * Real servers for tests and benchmarks, each on a free port of 127.0.0.1 with a folder of its own. They end when disposed of; `kill()`,
 * `pause()` and `start()` play outages.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { answers, freePort, isInstalled, RunningProgram, temporaryFolder, type ServerProgram } from './server-program.ts';

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly program: RunningProgram;
}

interface Plan {
  readonly name: string;
  readonly scheme?: string;
  readonly port?: number;
  readonly program: (place: { readonly port: number; readonly folder: string }) => ServerProgram;
}

async function startServer(plan: Plan): Promise<TestServer> {
  const port = plan.port ?? (await freePort());
  const folder = temporaryFolder(plan.name);
  const program = new RunningProgram(plan.program({ port, folder: folder.path }));
  await program.start();
  return {
    port,
    url: `${plan.scheme ?? 'http'}://127.0.0.1:${port}`,
    folder: folder.path,
    program,
    async [Symbol.asyncDispose]() {
      await program.kill();
      folder[Symbol.dispose]();
    },
  };
}

/** Sends a line and gives what comes first; for servers without HTTP. */
function firstAnswer(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(line));
    socket.setTimeout(500, () => socket.destroy(new Error('no answer')));
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1'));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

export const hasRedis: boolean = isInstalled('redis-server');
export function startRedis(options: { readonly port?: number; readonly args?: readonly string[] } = {}): Promise<TestServer> {
  return startServer({
    name: 'redis',
    scheme: 'redis',
    ...(options.port === undefined ? {} : { port: options.port }),
    program: ({ port, folder }) => ({
      command: 'redis-server',
      args: [...`--port ${port} --bind 127.0.0.1 --appendonly no --dir ${folder} --save`.split(' '), '', ...(options.args ?? [])],
      isReady: async () => (await firstAnswer(port, 'PING\r\n')).startsWith('+PONG'),
    }),
  });
}

export const hasVictoriaMetrics: boolean = isInstalled('victoria-metrics');
/** Data shows after `POST /internal/force_flush`. @param binary another version's program. @default the one on the path */
export function startVictoriaMetrics(binary = 'victoria-metrics'): Promise<TestServer> {
  return startServer({
    name: 'victoria-metrics',
    program: ({ port, folder }) => ({
      command: binary,
      args: [`-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=1', '-search.disableCache'],
      isReady: () => answers(`http://127.0.0.1:${port}/health`),
    }),
  });
}

export const hasPrometheus: boolean = isInstalled('prometheus');
/** With its remote-write receiver on. @param binary another version's program. @default the one on the path */
export function startPrometheus(binary = 'prometheus', configuration = 'global: {scrape_interval: 15s}\n'): Promise<TestServer> {
  return startServer({
    name: 'prometheus',
    program: ({ port, folder }) => {
      const config = path.join(folder, 'prometheus.yml');
      writeFileSync(config, configuration);
      return {
        command: binary,
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${folder}/data`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--web.enable-remote-write-receiver',
          '--web.enable-admin-api',
        ],
        isReady: () => answers(`http://127.0.0.1:${port}/-/ready`),
      };
    },
  });
}

export const hasAlertmanager: boolean = isInstalled('prometheus-alertmanager');
export function startAlertmanager(configuration: string): Promise<TestServer> {
  return startServer({
    name: 'alertmanager',
    program: ({ port, folder }) => {
      const config = path.join(folder, 'alertmanager.yml');
      writeFileSync(config, configuration);
      return {
        command: 'prometheus-alertmanager',
        args: [
          `--config.file=${config}`,
          `--storage.path=${folder}/data`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--cluster.listen-address=',
        ],
        isReady: () => answers(`http://127.0.0.1:${port}/-/ready`),
      };
    },
  });
}

/** Where Debian keeps PostgreSQL's programs, newest version first. */
function postgresPrograms(): string | undefined {
  const home = '/usr/lib/postgresql';
  const versions = existsSync(home) ? readdirSync(home).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => path.join(home, version, 'bin')).find((folder) => existsSync(path.join(folder, 'initdb')));
}
export const hasPostgres: boolean = postgresPrograms() !== undefined;
const idOf = (option: '-u' | '-g'): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));

/** An empty cluster: user and database `postgres`, no password. PostgreSQL refuses root, so it runs as its own user then. */
export function startPostgres(): Promise<TestServer> {
  const programs = postgresPrograms() as string;
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  return startServer({
    name: 'postgres',
    scheme: 'postgresql',
    program: ({ port, folder }) => {
      if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
      const data = path.join(folder, 'data');
      const made = spawnSync(path.join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'], {
        ...owner,
        encoding: 'utf8',
      });
      if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
      return {
        command: path.join(programs, 'postgres'),
        args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
        isReady: async () => spawnSync(path.join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q']).status === 0,
        ...owner,
      };
    },
  });
}

export const hasMariadb: boolean = isInstalled('mariadbd') && isInstalled('mariadb-install-db');
/** An empty server: user `root` without password, database `test`. */
export function startMariadb(): Promise<TestServer> {
  const isRoot = process.getuid?.() === 0;
  return startServer({
    name: 'mariadb',
    scheme: 'mysql',
    program: ({ port, folder }) => {
      const data = path.join(folder, 'data');
      const asRoot = isRoot ? ['--user=root'] : [];
      const made = spawnSync(
        'mariadb-install-db',
        ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', ...asRoot],
        { encoding: 'utf8' },
      );
      if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stderr}${made.stdout}`);
      return {
        command: 'mariadbd',
        args: [
          '--no-defaults',
          `--datadir=${data}`,
          `--port=${port}`,
          '--bind-address=127.0.0.1',
          `--socket=${path.join(folder, 'socket')}`,
          `--pid-file=${path.join(folder, 'pid')}`,
          '--innodb-buffer-pool-size=8M',
          '--innodb-flush-log-at-trx-commit=0',
          ...asRoot,
        ],
        // Its greeting names its version.
        isReady: async () => /mariadb/i.test(await firstAnswer(port, '')),
      };
    },
  });
}
