import { messageOf } from '@bellwether/monitor/engine';
import { programLog } from './program-log.ts';
import { runServer, type RunningServer } from './run-server.ts';
import { serverSettings, withFlags } from './settings.ts';
import { stopSignal } from './stop-signal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is told on the terminal once the server is up. */
function greeting({ served }: RunningServer): string {
  return [`Bellwether is watching this host: ${served.url}`, ...(served.tokenNotice === undefined ? [] : [served.tokenNotice])].join('\n');
}

/** Rereads on SIGHUP; a file that cannot be used is told and the settings stay as they were. */
function reloadOnSignal({ reload }: RunningServer): void {
  process.on('SIGHUP', () => {
    reload().then(
      () => console.log('Configuration reloaded'),
      (error: unknown) => console.error(`Configuration not reloaded: ${messageOf(error)}`),
    );
  });
}

/** Starts a server and tells where it is. @throws BellwetherError | CacheError before anything runs */
export async function startServer(flags: Readonly<Record<string, string | undefined>>, env: Environment): Promise<RunningServer> {
  const merged = withFlags(env, flags);
  const config = serverSettings(merged);
  const server = await runServer(config, { env: merged, log: programLog(merged['LOG_LEVEL']) });
  for (const notice of config.notices) console.error(notice);
  console.log(greeting(server));
  reloadOnSignal(server);
  return server;
}

/** `bellwether serve`: runs until a signal asks it to stop. */
export async function serveCommand(flags: Readonly<Record<string, string | undefined>>): Promise<void> {
  await using _server = await startServer(flags, process.env);
  await stopSignal();
}
