#!/usr/bin/env node
/**
 * A prediction market that is watched by Bellwether: `opinion-market` serves it, `opinion-market fault NAME on` breaks it.
 * Everything that has to do with monitoring is in this file and in `watch.ts`.
 */
import { enhancedCache } from '@bellwether/cache';
import { systemClock } from '@bellwether/monitor';
import { startLoadProcess } from './load/load-process.ts';
import { DEMO_SIZE, seededDatabase } from './market/seed.ts';
import { openMarket } from './open-market.ts';
import { parseCommand, USAGE, UsageError, type Settings } from './settings.ts';
import { watch } from './watch.ts';

async function serve(settings: Settings): Promise<void> {
  process.title = 'opinion-market';
  await using running = new AsyncDisposableStack();
  // Before monitoring starts: a second of inserts is no query of the market's.
  const database = seededDatabase(DEMO_SIZE, systemClock);
  const watching = running.use(await watch(settings));
  const market = running.use(
    await openMarket({
      port: settings.port,
      database,
      cache: enhancedCache,
      clock: systemClock,
      onOrder: watching.onOrder,
    }),
  );
  console.log(`Opinion Market on ${market.url}, its monitor on ${watching.url ?? 'no port'}`);
  for (const fault of settings.faults) market.faults.set(fault, true);
  if (settings.rate > 0) running.use(startLoadProcess(market.url, settings.rate));
  await stopSignal();
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
}

async function switchFault(port: number, fault: string, on: boolean): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/faults/${fault}`, { method: 'POST', body: JSON.stringify({ on }) });
  if (!response.ok) throw new UsageError(`The market refused: ${await response.text()}`);
  console.log(`${fault} is ${on ? 'on' : 'off'}`);
}

try {
  const command = parseCommand(process.argv.slice(2), process.env);
  if (command.name === 'help') console.log(USAGE);
  else if (command.name === 'fault') await switchFault(command.port, command.fault, command.on);
  else await serve(command.settings);
} catch (error) {
  console.error(
    error instanceof UsageError ? error.message : `The market cannot run: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
