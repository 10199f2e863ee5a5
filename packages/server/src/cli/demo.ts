import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BellwetherError } from '@bellwether/monitor/engine';
import type { RunningServer } from './run-server.ts';
import { startServer } from './serve.ts';
import { stopSignal } from './stop-signal.ts';

const MARKET = fileURLToPath(new URL('../../../../examples/opinion-market/dist/main.js', import.meta.url));

/** The demo shows things as they happen: one reading a second unless asked otherwise. */
const DEMO_INTERVAL_S = '1';

function startMarket(
  server: RunningServer,
  options: { readonly pushToken: string; readonly ownToken: string; readonly fault: string | undefined },
): ChildProcess {
  const dataDir = path.join(process.env['BELLWETHER_DATA_DIR']?.trim() || './.bellwether', 'opinion-market');
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MARKET], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      BELLWETHER_PUSH_URL: server.served.url,
      BELLWETHER_PUSH_TOKEN: options.pushToken,
      BELLWETHER_TOKEN: options.ownToken,
      MARKET_DATA_DIR: process.env['MARKET_DATA_DIR'] ?? dataDir,
      ...(options.fault === undefined ? {} : { MARKET_FAULT: options.fault }),
    },
  });
}

async function stopMarket(market: ChildProcess): Promise<void> {
  if (market.exitCode !== null || market.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => void market.once('exit', () => resolve()));
  market.kill('SIGTERM');
  await ended;
}

/** `bellwether demo`: the server, and beside it the Opinion Market under load, which pushes to it. */
export async function demoCommand(flags: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (!existsSync(MARKET)) {
    throw new BellwetherError(
      'config_invalid',
      'The demo needs a checkout of the repository: the Opinion Market example is not part of the package',
    );
  }
  const { fault, ...serverFlags } = flags;
  const interval = flags['interval'] ?? process.env['PERFORMANCE_MONITORING_INTERVAL'] ?? DEMO_INTERVAL_S;
  const given = process.env['BELLWETHER_TOKEN']?.trim();
  const ownToken = given === undefined || given === '' ? `bw_${randomBytes(24).toString('base64url')}` : given;
  await using server = await startServer({ ...serverFlags, interval }, process.env);
  const { token, text } = await server.served.tokens.create({ name: 'opinion-market', scope: 'ingest' });
  const market = startMarket(server, { pushToken: text, ownToken, fault });
  if (ownToken !== given) console.log(`Access token of the market's own monitor (until it stops): ${ownToken}`);
  console.log(`Break it: npm run fault -- slow-query on      (see npm run fault -- --help)`);
  await Promise.race([stopSignal(), new Promise<void>((resolve) => void market.once('exit', () => resolve()))]);
  await stopMarket(market);
  await server.served.tokens.revoke(token.id);
}
