import { parseArgs } from 'node:util';
import { FAULTS, isFaultName, type FaultName } from './faults/fault-board.ts';

/** How the market runs. Flags win over the environment. */
export interface Settings {
  /** MARKET_PORT, `--port`. @default 8001 */
  readonly port: number;
  /** MARKET_MONITOR_PORT, `--monitor-port`: the embedded monitor's API and page; 0: not served. @default 8002 */
  readonly monitorPort: number;
  /** MARKET_RATE, `--rate`: requests a second that the load generator sends; 0 for none. @default 50 */
  readonly rate: number;
  /** MARKET_FAULT, `--fault`, separated by commas: faults that are on from the start. @default none */
  readonly faults: readonly FaultName[];
  /** PERFORMANCE_MONITORING_INTERVAL, `--interval`: seconds between collections. @default 1 */
  readonly intervalSeconds: number;
  /** MARKET_DATA_DIR: the embedded monitor's samples. @default './.bellwether/opinion-market' */
  readonly dataDir: string;
  /** BELLWETHER_PUSH_URL and BELLWETHER_PUSH_TOKEN: a Bellwether server to send all samples to. @default none */
  readonly push: { readonly url: string; readonly token?: string } | undefined;
}

/** What the command line asks for. */
export type Command =
  | { readonly name: 'serve'; readonly settings: Settings }
  | { readonly name: 'fault'; readonly port: number; readonly fault: FaultName; readonly on: boolean }
  | { readonly name: 'help' };

/** A command line or variable that cannot be understood; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Environment = Readonly<Record<string, string | undefined>>;

export const USAGE: string = `opinion-market [--port 8001] [--monitor-port 8002] [--rate 50] [--interval 1] [--fault NAME[,NAME]]
opinion-market fault NAME on|off [--port 8001]

Faults:
${Object.entries(FAULTS)
  .map(([name, effect]) => `  ${name.padEnd(16)} ${effect}`)
  .join('\n')}`;

/** @param args without the program's name. @throws {UsageError} */
export function parseCommand(args: readonly string[], env: Environment): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: 'help' };
  const port = numberOf('MARKET_PORT', values.port ?? env['MARKET_PORT'] ?? '8001', 65_535);
  if (positionals.length > 0) return faultCommand(positionals, port);
  const url = env['BELLWETHER_PUSH_URL'];
  const token = env['BELLWETHER_PUSH_TOKEN'];
  const settings: Settings = {
    port,
    monitorPort: numberOf('MARKET_MONITOR_PORT', values['monitor-port'] ?? env['MARKET_MONITOR_PORT'] ?? '8002', 65_535),
    rate: numberOf('MARKET_RATE', values.rate ?? env['MARKET_RATE'] ?? '50', 10_000),
    faults: (values.fault ?? env['MARKET_FAULT'] ?? '')
      .split(',')
      .filter((name) => name !== '')
      .map(faultOf),
    intervalSeconds: numberOf('PERFORMANCE_MONITORING_INTERVAL', values.interval ?? env['PERFORMANCE_MONITORING_INTERVAL'] ?? '1', 86_400),
    dataDir: env['MARKET_DATA_DIR'] ?? './.bellwether/opinion-market',
    push: url === undefined || url === '' ? undefined : { url, ...(token === undefined || token === '' ? {} : { token }) },
  };
  return { name: 'serve', settings };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<typeof OPTIONS>> {
  try {
    return parseArgs({ ...OPTIONS, args: [...args] });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

const OPTIONS = {
  allowPositionals: true,
  options: {
    port: { type: 'string' },
    'monitor-port': { type: 'string' },
    rate: { type: 'string' },
    interval: { type: 'string' },
    fault: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
} as const;

function faultCommand([command, name = '', state = '', ...rest]: readonly string[], port: number): Command {
  if (command !== 'fault' || rest.length > 0 || (state !== 'on' && state !== 'off')) throw new UsageError(USAGE);
  return { name: 'fault', port, fault: faultOf(name), on: state === 'on' };
}

function faultOf(name: string): FaultName {
  if (!isFaultName(name)) throw new UsageError(`There is no fault "${name}"; there are ${Object.keys(FAULTS).join(', ')}.`);
  return name;
}

function numberOf(variable: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > most) {
    throw new UsageError(`${variable} is "${text}"; allowed: a number from 0 to ${most}.`);
  }
  return value;
}
