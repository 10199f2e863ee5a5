import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { BellwetherError, messageOf } from './base/errors.ts';
import { readConfigFile } from './config-file.ts';
import { readAlertmanager } from './deliver/alertmanager/read-alertmanager.ts';
import { NO_DELIVERY, type DeliveryConfig } from './deliver/delivery-config.ts';
import type { Labels } from './model/labels.ts';
import { parseRuleFiles, readRuleFiles, type RuleFile } from './rules/groups/rule-files.ts';
import { BYTES_ALLOWED, parseBytes, parseRawRetention, RAW_ALLOWED, type SamplesConfig } from './samples-config.ts';
import { resolveRetention, type Retention } from './store/retention/retention.ts';
import { DEFAULT_THRESHOLDS, parseThresholds, type Thresholds } from './rules/thresholds.ts';

/** Everything that the environment and the configuration file decide, with defaults filled in. */
export interface MonitorConfig {
  /** @default true */
  readonly enabled: boolean;
  /** Between collections. @default 30,000 */
  readonly intervalMs: number;
  /** Defaults overlaid with PERFORMANCE_ALERT_THRESHOLDS, the file's `thresholds` and those of the environment. */
  readonly thresholds: Thresholds;
  /** NODE_ENV: chooses among the file's `environments`. */
  readonly environment: string | undefined;
  /** @default '127.0.0.1' */
  readonly host: string;
  /** @default 8000 */
  readonly port: number;
  /** @default './.bellwether' */
  readonly dataDir: string;
  readonly token: string | undefined;
  readonly storeUrl: string | undefined;
  readonly stateUrl: string | undefined;
  readonly cacheUrl: string | undefined;
  /** Share of requests whose spans are kept whatever they look like. @default 0.01 */
  readonly traceRatio: number;
  /** CIDRs that channels may reach although private or loopback. */
  readonly allowPrivateTargets: readonly string[];
  /** Channels, routes and all else that decides who hears of what; BELLWETHER_ALERTMANAGER_CONFIG adds to the file's. */
  readonly delivery: DeliveryConfig;
  /** What has no effect in a file that was written for another program, a line each. */
  readonly notices: readonly string[];
  /** Rule files of BELLWETHER_RULES and of the file's `rule_files`, read and checked. */
  readonly ruleFiles: readonly RuleFile[];
  /** For the templates of rules. */
  readonly externalLabels: Labels;
  /** Where people reach this server, for the templates of rules. */
  readonly externalUrl: string;
  readonly samples: SamplesConfig;
  /** The file that was read, if any. */
  readonly configFile: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

function invalid(variable: string, value: string, allowed: string): BellwetherError {
  const shown = value.length > 120 ? `${value.slice(0, 120)}…` : value;
  return new BellwetherError('config_invalid', `${variable}=${JSON.stringify(shown)} is not valid: ${allowed}`, { details: { variable } });
}

function numberOf(
  env: Environment,
  variable: string,
  range: { readonly from: number; readonly to: number; readonly fallback: number; readonly whole?: boolean },
): number {
  const text = env[variable]?.trim();
  if (text === undefined || text === '') return range.fallback;
  const value = Number(text);
  const isAllowed = Number.isFinite(value) && value >= range.from && value <= range.to && (range.whole !== true || Number.isInteger(value));
  if (!isAllowed) throw invalid(variable, text, `a ${range.whole === true ? 'whole ' : ''}number from ${range.from} to ${range.to}`);
  return value;
}

function booleanOf(env: Environment, variable: string, fallback: boolean): boolean {
  const text = env[variable]?.trim().toLowerCase();
  if (text === undefined || text === '') return fallback;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw invalid(variable, text, 'true or false');
}

function urlOf(env: Environment, variable: string, protocols: readonly string[]): string | undefined {
  const text = env[variable]?.trim();
  if (text === undefined || text === '') return undefined;
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    throw new BellwetherError(
      'config_invalid',
      `${variable} is not valid: a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
      { details: { variable } },
    );
  }
  return text;
}

function isCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}

function cidrsOf(env: Environment): string[] {
  const list = (env['BELLWETHER_ALLOW_PRIVATE_TARGETS'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const wrong = list.find((part) => !isCidr(part));
  if (wrong !== undefined) throw invalid('BELLWETHER_ALLOW_PRIVATE_TARGETS', wrong, 'a comma-separated list of CIDRs such as 127.0.0.0/8');
  return list;
}

function thresholdsOf(env: Environment): Thresholds {
  const text = env['PERFORMANCE_ALERT_THRESHOLDS']?.trim();
  if (text === undefined || text === '') return {};
  try {
    return parseThresholds(JSON.parse(text));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : messageOf(error);
    throw invalid(
      'PERFORMANCE_ALERT_THRESHOLDS',
      text,
      `JSON such as {"cpu_usage": 80} or {"cpu_usage": {"warning": 70, "critical": 90}} (${why})`,
    );
  }
}

function tokenOf(env: Environment): string | undefined {
  const token = env['BELLWETHER_TOKEN']?.trim();
  if (token === undefined || token === '') return undefined;
  if (token.length < 24 || /\s/.test(token)) {
    throw new BellwetherError(
      'config_invalid',
      `BELLWETHER_TOKEN (${token.length} characters, not shown) is not valid: at least 24 characters without spaces`,
      {
        details: { variable: 'BELLWETHER_TOKEN' },
      },
    );
  }
  return token;
}

/** What BELLWETHER_ALERTMANAGER_CONFIG names takes the place of routes and inhibition; channels of both are there. */
function deliveryOf(env: Environment, own: DeliveryConfig): { readonly delivery: DeliveryConfig; readonly notices: readonly string[] } {
  const file = env['BELLWETHER_ALERTMANAGER_CONFIG']?.trim() || undefined;
  if (file === undefined) return { delivery: own, notices: [] };
  if (!existsSync(file)) throw invalid('BELLWETHER_ALERTMANAGER_CONFIG', file, 'the path of a readable Alertmanager configuration');
  const { channels, routing, inhibitRules, resolveTimeoutMs, notices } = readAlertmanager(readFileSync(file, 'utf8'), file);
  const taken = own.channels.find(({ name }) => channels.some((channel) => channel.name === name));
  if (taken !== undefined)
    throw invalid('BELLWETHER_ALERTMANAGER_CONFIG', file, `a file without a channel ${taken.name}, which BELLWETHER_CONFIG has`);
  return {
    delivery: {
      ...own,
      channels: [...own.channels, ...channels],
      routing,
      inhibitRules: [...own.inhibitRules, ...inhibitRules],
      resolveTimeoutMs,
    },
    notices: notices.map(({ line, text }) => `${file}:${line}: ${text}`),
  };
}

/** Paths in BELLWETHER_RULES are separated by commas and relative to the working folder; those of the file are relative to the file. */
function ruleFilesOf(
  env: Environment,
  file: { readonly path: string; readonly ruleFiles: readonly string[] } | undefined,
): readonly RuleFile[] {
  const given = (env['BELLWETHER_RULES'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const all = [...readRuleFiles(given, '.'), ...(file === undefined ? [] : readRuleFiles(file.ruleFiles, path.dirname(file.path)))];
  return [...new Map(all.map((one) => [one.file, one])).values()];
}

function retentionOf(env: Environment): Partial<Retention> {
  const read = (variable: string, parse: (text: string) => number | undefined, allowed: string): number | undefined => {
    const text = env[variable]?.trim();
    if (text === undefined || text === '') return undefined;
    const value = parse(text);
    if (value === undefined) throw invalid(variable, text, allowed);
    return value;
  };
  const rawMs = read('BELLWETHER_RETENTION', parseRawRetention, RAW_ALLOWED);
  const bytes = read('BELLWETHER_RETENTION_SIZE', parseBytes, BYTES_ALLOWED);
  return { ...(rawMs === undefined ? {} : { rawMs }), ...(bytes === undefined ? {} : { bytes }) };
}

/**
 * Reads the contract's variables and the configuration file that BELLWETHER_CONFIG names (JSON, its keys in `config-file.ts`).
 * Later wins: defaults, variable, file, the file's section for NODE_ENV.
 * @throws BellwetherError `rule_invalid`: one line with file and line. `config_invalid`: one line with the variable, its value and what is allowed. Secrets are never repeated.
 */
export function parseConfig(env: Environment): MonitorConfig {
  const configFile = env['BELLWETHER_CONFIG']?.trim() || undefined;
  if (configFile !== undefined && !existsSync(configFile))
    throw invalid('BELLWETHER_CONFIG', configFile, 'the path of a readable JSON file');
  const environment = env['NODE_ENV']?.trim() || undefined;
  const variable = thresholdsOf(env);
  const file = configFile === undefined ? undefined : readConfigFile(configFile);
  const { delivery, notices } = deliveryOf(env, file?.delivery ?? NO_DELIVERY);
  const ruleFiles = ruleFilesOf(env, configFile === undefined || file === undefined ? undefined : { ...file, path: configFile });
  parseRuleFiles(ruleFiles, { environment });
  const host = env['BELLWETHER_HOST']?.trim() || '127.0.0.1';
  if (!/^[a-zA-Z0-9.:_-]{1,253}$/.test(host)) throw invalid('BELLWETHER_HOST', host, 'an IP address or host name');
  return {
    enabled: booleanOf(env, 'PERFORMANCE_MONITORING_ENABLED', true),
    intervalMs: 1000 * numberOf(env, 'PERFORMANCE_MONITORING_INTERVAL', { from: 1, to: 86_400, fallback: 30 }),
    thresholds: {
      ...DEFAULT_THRESHOLDS,
      ...variable,
      ...file?.thresholds,
      ...(environment === undefined ? {} : file?.environments[environment]),
    },
    environment,
    host,
    port: numberOf(env, 'BELLWETHER_PORT', { from: 0, to: 65_535, fallback: 8000, whole: true }),
    dataDir: env['BELLWETHER_DATA_DIR']?.trim() || './.bellwether',
    token: tokenOf(env),
    storeUrl: urlOf(env, 'BELLWETHER_STORE_URL', ['http:', 'https:']),
    stateUrl: urlOf(env, 'BELLWETHER_STATE_URL', ['postgres:', 'postgresql:']),
    cacheUrl: urlOf(env, 'BELLWETHER_CACHE_URL', ['redis:', 'rediss:']),
    traceRatio: numberOf(env, 'BELLWETHER_TRACE_RATIO', { from: 0, to: 1, fallback: 0.01 }),
    allowPrivateTargets: cidrsOf(env),
    delivery,
    notices,
    ruleFiles,
    externalLabels: file?.externalLabels ?? {},
    externalUrl: file?.externalUrl ?? '',
    samples: { retention: resolveRetention({ ...retentionOf(env), ...file?.retention }), commit: file?.commit ?? 'grouped' },
    configFile,
  };
}
