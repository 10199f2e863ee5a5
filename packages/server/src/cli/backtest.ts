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
  type Backtest,
  type BacktestFiring,
} from '@bellwether/monitor/engine';
import { parseDurationMs, parseTimeMs } from '../http/parameters.ts';
import { withFlags } from './settings.ts';

type Flags = Readonly<Record<string, string | undefined>>;

const THRESHOLD = /^([a-zA-Z_:][\w:]*)=(-?[\d.]+(?:e[+-]?\d+)?)(?:\/(-?[\d.]+(?:e[+-]?\d+)?))?$/;
const THRESHOLD_INTERVAL_MS = 30_000;
const MOST_LISTED = 20;
const LONGEST_WAIT_MS = 60_000;

/** `bellwether backtest`: replays a rule over the samples of a stopped server and tells what it would have done. */
export async function backtestCommand(flags: Flags): Promise<void> {
  const nowMs = systemClock.nowMs();
  const [fromMs, toMs] = [instant('--from', flags['from'] ?? '7d', nowMs), instant('--to', flags['to'] ?? '0s', nowMs)];
  const rules = rulesOf(flags);
  using dataDir = openDataDir(parseConfig(withFlags(process.env, { dataDir: flags['dataDir'] })).dataDir);
  await using store = openEmbeddedStore({ path: dataDir.samplesPath, clock: systemClock, log: silentLogger });
  const query = createQueryEngine({ store, clock: systemClock, limits: { timeoutMs: LONGEST_WAIT_MS } });
  for (const { rule, intervalMs } of rules) {
    const window = { fromMs, toMs, intervalMs: durationOf(flags['interval']) ?? intervalMs, timeoutMs: LONGEST_WAIT_MS };
    console.log(report(rule, await backtest(query, rule, window)));
  }
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

function rulesOf(flags: Flags): readonly { readonly rule: AlertingRule; readonly intervalMs: number }[] {
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

function report(rule: AlertingRule, result: Backtest): string {
  const { fired, firingMs, firingRatio, longestMs, flaps, pendingOnly, evaluations, series, notes } = result;
  const times = fired === 1 ? 'once' : `${fired} times`;
  const window = `${new Date(result.fromMs).toISOString()} to ${new Date(result.toMs).toISOString()}`;
  const lines = [
    `${rule.alert}: ${fired === 0 ? 'would not have fired' : `would have fired ${times}`}`,
    `  ${window}, ${evaluations} evaluations every ${lengthText(result.intervalMs)}, ${series} series`,
    `  firing for ${lengthText(firingMs)} in total (${(firingRatio * 100).toFixed(1)}% of the time), the longest ${lengthText(longestMs)}`,
    `  ${flaps} flaps; ${pendingOnly} breaches ended before they fired`,
    ...notes.map((note) => `  note: ${note}`),
    ...result.firings.slice(0, MOST_LISTED).map(firingText),
  ];
  if (result.firings.length > MOST_LISTED) lines.push(`  … and ${result.firings.length - MOST_LISTED} before that`);
  return lines.join('\n');
}

function firingText({ labels, severity, firedAtMs, resolvedAtMs, peak }: BacktestFiring): string {
  const shown = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const length = resolvedAtMs === undefined ? 'still firing' : lengthText(resolvedAtMs - firedAtMs);
  return `  ${new Date(firedAtMs).toISOString()}  ${severity.padEnd(8)}  ${length.padEnd(12)}  peak ${Number(peak.toPrecision(6))}  {${shown.join(', ')}}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** `1h 30m`, two units at most. */
function lengthText(ms: number): string {
  const parts: string[] = [];
  let rest = Math.round(ms / 1000) * 1000;
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.slice(0, 2).join(' ');
}
