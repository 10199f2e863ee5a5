import { BellwetherError, messageOf, VERSION } from '@bellwether/monitor/engine';
import { Command, CommanderError, Option } from 'commander';
import { SCOPES } from '../auth/caller.ts';
import { demoCommand } from './demo.ts';
import { serveCommand } from './serve.ts';
import { FLAGS } from './settings.ts';
import { keepAlive } from './stop-signal.ts';
import { backtestCommand } from './backtest.ts';
import { testRules } from './test-rules.ts';
import { createToken, listTokens, revokeToken } from './token.ts';

type Flags = Readonly<Record<string, string | undefined>>;

function withServerFlags(command: Command): Command {
  for (const { flag, text, variable } of FLAGS) command.option(flag, `${text} [${variable}]`);
  return command;
}

function program(): Command {
  const root = new Command('bellwether').description('Performance monitor for Node.js services').version(VERSION).exitOverride();
  withServerFlags(
    root.command('serve', { isDefault: true }).description('Watch this host and take what others push; serve the API and the page'),
  ).action((flags: Flags) => serveCommand(flags));
  withServerFlags(root.command('demo').description('The same, with the Opinion Market example under load'))
    .option('--fault <names>', 'faults that are on from the start, separated by commas')
    .action((flags: Flags) => demoCommand(flags));
  const test = root.command('test').description('Try things without a server');
  test
    .command('rules <files...>')
    .description('Run unit tests of alert rules, in promtool’s format; exit code 1 when one fails')
    .action((files: string[]) => testRules(files));
  root
    .command('backtest')
    .description('Tell how often a rule would have fired over stored history')
    .requiredOption('--rule <name or file>', 'a rule file, or NAME=LIMIT or NAME=WARNING/CRITICAL for a threshold')
    .option('--alert <name>', 'which alert of the file, when it has several')
    .option('--from <when>', 'how long ago it begins, such as 7d, or a time', '7d')
    .option('--to <when>', 'where it ends', '0s')
    .option('--interval <duration>', 'between evaluations (default: of the rule’s group, 30s for thresholds)')
    .option('--data-dir <folder>', 'samples of a stopped server (default ./.bellwether)')
    .option('--url <address>', 'ask a running server instead, with a token in BELLWETHER_TOKEN')
    .action((flags: Flags) => backtestCommand(flags));
  const token = root.command('token').description('Access tokens of a stopped server');
  const dataDir = ['--data-dir <folder>', 'samples and state (default ./.bellwether)'] as const;
  token
    .command('create <name>')
    .description('Make a token and show it once')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).default('read'))
    .option(...dataDir)
    .action((name: string, flags: Flags) => createToken(name, flags));
  token
    .command('list')
    .description('List tokens, never their text')
    .option(...dataDir)
    .action((flags: Flags) => listTokens(flags));
  token
    .command('revoke <id>')
    .description('Revoke a token')
    .option(...dataDir)
    .action((id: string, flags: Flags) => revokeToken(id, flags));
  return root;
}

/** What is wrong and what to do about it, in one line. */
function lineOf(error: unknown): string {
  const hint = error instanceof BellwetherError && error.hint !== undefined ? `. ${error.hint}` : '';
  return (messageOf(error).replace(/\.$/, '') + hint).replaceAll(/\s*\n\s*/g, ' ');
}

/** Parses and runs a command line; sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  using _alive = keepAlive();
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    console.error(`bellwether: ${lineOf(error)}`);
    process.exitCode = 1;
  }
}
