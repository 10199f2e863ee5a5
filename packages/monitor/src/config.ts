import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { invalidVariable, parseEnvironment, type Environment, type EnvironmentConfig } from './config-environment.ts';
import { readConfigFile } from './config-file.ts';
import { readAlertmanager } from './deliver/alertmanager/read-alertmanager.ts';
import { NO_DELIVERY, type DeliveryConfig } from './deliver/delivery-config.ts';
import type { Labels } from './model/labels.ts';
import { parseRuleFiles, readRuleFiles, type RuleFile } from './rules/groups/rule-files.ts';
import { BYTES_ALLOWED, parseBytes, parseRawRetention, RAW_ALLOWED, type SamplesConfig } from './samples-config.ts';
import { resolveRetention, type Retention } from './store/retention/retention.ts';

/** Everything that the environment and the files it names decide. `thresholds` also has the file's and those of its section for NODE_ENV. */
export interface MonitorConfig extends EnvironmentConfig {
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

/** What BELLWETHER_ALERTMANAGER_CONFIG names takes the place of routes and inhibition; channels of both are there. */
function deliveryOf(env: Environment, own: DeliveryConfig): { readonly delivery: DeliveryConfig; readonly notices: readonly string[] } {
  const file = env['BELLWETHER_ALERTMANAGER_CONFIG']?.trim() || undefined;
  if (file === undefined) return { delivery: own, notices: [] };
  if (!existsSync(file)) throw invalidVariable('BELLWETHER_ALERTMANAGER_CONFIG', file, 'the path of a readable Alertmanager configuration');
  const { channels, routing, inhibitRules, resolveTimeoutMs, notices } = readAlertmanager(readFileSync(file, 'utf8'), file);
  const taken = own.channels.find(({ name }) => channels.some((channel) => channel.name === name));
  if (taken !== undefined)
    throw invalidVariable('BELLWETHER_ALERTMANAGER_CONFIG', file, `a file without a channel ${taken.name}, which BELLWETHER_CONFIG has`);
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
    if (value === undefined) throw invalidVariable(variable, text, allowed);
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
    throw invalidVariable('BELLWETHER_CONFIG', configFile, 'the path of a readable JSON file');
  const settings = parseEnvironment(env);
  const { environment } = settings;
  const file = configFile === undefined ? undefined : readConfigFile(configFile);
  const { delivery, notices } = deliveryOf(env, file?.delivery ?? NO_DELIVERY);
  const ruleFiles = ruleFilesOf(env, configFile === undefined || file === undefined ? undefined : { ...file, path: configFile });
  parseRuleFiles(ruleFiles, { environment });
  return {
    ...settings,
    thresholds: {
      ...settings.thresholds,
      ...file?.thresholds,
      ...(environment === undefined ? {} : file?.environments[environment]),
    },
    delivery,
    notices,
    ruleFiles,
    externalLabels: file?.externalLabels ?? {},
    externalUrl: file?.externalUrl ?? '',
    samples: { retention: resolveRetention({ ...retentionOf(env), ...file?.retention }), commit: file?.commit ?? 'grouped' },
    configFile,
  };
}
