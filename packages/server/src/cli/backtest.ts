import { existsSync } from 'node:fs';
import {
  backtest,
  BellwetherError,
  createQueryEngine,
  openDataDir,
  openEmbeddedStore,
  parseConfig,
  parseRuleFiles,
  readRuleFiles,
  ruleOfThreshold,
  silentLogger,
  systemClock,
  type AlertingRule,
} from '@bellwether/monitor/engine';
import type { Backtest } from '../api-types.ts';
import { backtestView } from '../http/backtest-view.ts';
import { parseDurationMs, parseTimeMs } from '../http/parameters.ts';
import { ruleExtensionsView } from '../http/rule-extensions-view.ts';
import { askServer, serverAddress } from './ask-server.ts';
import { backtestReport } from './backtest-report.ts';
import { withFlags } from './settings.ts';

type Flags = Readonly<Record<string, string | undefined>>;

const THRESHOLD = /^([a-zA-Z_:][\w:]*)=(-?[\d.]+(?:e[+-]?\d+)?)(?:\/(-?[\d.]+(?:e[+-]?\d+)?))?$/;
const THRESHOLD_INTERVAL_MS = 30_000;
const LONGEST_WAIT_MS = 60_000;

/** A rule to replay, with the time between its evaluations. */
interface Wanted {
  readonly rule: AlertingRule;
  readonly intervalMs: number;
}
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}
type Replay = (wanted: Wanted) => Promise<Backtest>;

/** `bellwether backtest`: replays rules over the samples of a stopped server, or has a running one do it, and tells what they would have done. */
export async function backtestCommand(flags: Flags): Promise<void> {
  const nowMs = systemClock.nowMs();
  const window = { fromMs: instant('--from', flags['from'] ?? '7d', nowMs), toMs: instant('--to', flags['to'] ?? '0s', nowMs) };
  const intervalMs = durationOf(flags['interval']);
  const rules = rulesOf(flags);
  await withReplay(flags, window, async (replay) => {
    for (const wanted of rules)
      console.log(backtestReport(wanted.rule.alert, await replay({ ...wanted, intervalMs: intervalMs ?? wanted.intervalMs })));
  });
}

async function withReplay(flags: Flags, window: Window, work: (replay: Replay) => Promise<void>): Promise<void> {
  if (flags['url'] !== undefined) {
    const server = serverAddress(flags['url'], process.env['BELLWETHER_TOKEN']);
    return work(async (wanted) => (await askServer(server, '/api/v1/alerting/backtest', bodyOf(wanted, window))) as Backtest);
  }
  using dataDir = openFree(parseConfig(withFlags(process.env, { dataDir: flags['dataDir'] })));
  await using store = openEmbeddedStore({ path: dataDir.samplesPath, clock: systemClock, log: silentLogger });
  const query = createQueryEngine({ store, clock: systemClock, limits: { timeoutMs: LONGEST_WAIT_MS } });
  return work(async ({ rule, intervalMs }) =>
    backtestView(await backtest(query, rule, { ...window, intervalMs, timeoutMs: LONGEST_WAIT_MS })),
  );
}

function openFree({ dataDir, host, port }: ReturnType<typeof parseConfig>): ReturnType<typeof openDataDir> {
  try {
    return openDataDir(dataDir);
  } catch (error) {
    if (!(error instanceof BellwetherError) || error.code !== 'data_dir_locked') throw error;
    const hint = `If that is a Bellwether server, ask it: --url http://${host}:${port}, with a token in BELLWETHER_TOKEN.`;
    throw new BellwetherError(error.code, error.message, { hint, details: error.details, cause: error });
  }
}

/** The rule as it is here, so that the server's own environment changes nothing about it. */
function bodyOf({ rule, intervalMs }: Wanted, { fromMs, toMs }: Window): object {
  const extensions = ruleExtensionsView(rule.extensions);
  return {
    rule: {
      alert: rule.alert,
      expr: rule.expr,
      for: `${rule.holdMs}ms`,
      keep_firing_for: `${rule.keepFiringMs}ms`,
      labels: rule.source.labels,
      ...(extensions === undefined ? {} : { x_bellwether: extensions }),
    },
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    interval: `${intervalMs}ms`,
  };
}

function instant(flag: string, text: string, nowMs: number): number {
  const agoMs = parseDurationMs(text);
  const atMs = agoMs !== undefined && !/^\d{9,}/.test(text) ? nowMs - agoMs : parseTimeMs(text);
  if (atMs === undefined)
    throw new BellwetherError(
      'config_invalid',
      `${flag} ${JSON.stringify(text)} is neither a duration such as 7d nor a time such as 2026-01-31T12:00:00Z`,
    );
  return Math.round(atMs);
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined || !(durationMs > 0))
    throw new BellwetherError('config_invalid', `--interval ${JSON.stringify(text)} is not a duration such as 30s`);
  return durationMs;
}

function rulesOf(flags: Flags): readonly Wanted[] {
  const wanted = flags['rule'] ?? '';
  const threshold = THRESHOLD.exec(wanted);
  if (threshold !== null && !existsSync(wanted)) {
    const [, metric = '', warning = '', critical] = threshold;
    const limits = critical === undefined ? Number(warning) : { warning: Number(warning), critical: Number(critical) };
    return [{ rule: ruleOfThreshold(metric, limits, THRESHOLD_INTERVAL_MS), intervalMs: THRESHOLD_INTERVAL_MS }];
  }
  const environment = process.env['NODE_ENV'];
  const all = parseRuleFiles(readRuleFiles([wanted], '.'), { environment }).flatMap(({ rules, intervalMs }) =>
    rules.flatMap((rule) => (rule.kind === 'alerting' ? [{ rule, intervalMs }] : [])),
  );
  const named = all.filter(({ rule }) => flags['alert'] === undefined || rule.alert === flags['alert']);
  if (named.length > 0) return named;
  const known = all.map(({ rule }) => rule.alert).join(', ');
  throw new BellwetherError('config_invalid', `${wanted} has no such alert; it has: ${known === '' ? 'none' : known}`);
}
