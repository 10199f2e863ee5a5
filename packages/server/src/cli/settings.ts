import { parseCacheEnvironment } from '@bellwether/cache';
import { parseConfig, type MonitorConfig } from '@bellwether/monitor/engine';

type Environment = Readonly<Record<string, string | undefined>>;

/** Flags of `serve` and `demo`, each the same as a variable. */
export const FLAGS: readonly { readonly flag: string; readonly key: string; readonly variable: string; readonly text: string }[] = [
  { flag: '--host <address>', key: 'host', variable: 'BELLWETHER_HOST', text: 'address to listen on (default 127.0.0.1)' },
  { flag: '--port <number>', key: 'port', variable: 'BELLWETHER_PORT', text: 'port to listen on (default 8000)' },
  { flag: '--data-dir <folder>', key: 'dataDir', variable: 'BELLWETHER_DATA_DIR', text: 'samples and state (default ./.bellwether)' },
  { flag: '--interval <seconds>', key: 'interval', variable: 'PERFORMANCE_MONITORING_INTERVAL', text: 'between collections (default 30)' },
  {
    flag: '--rules <files>',
    key: 'rules',
    variable: 'BELLWETHER_RULES',
    text: 'files of alert rules in Prometheus’s YAML, separated by commas',
  },
  {
    flag: '--alertmanager-config <file>',
    key: 'alertmanagerConfig',
    variable: 'BELLWETHER_ALERTMANAGER_CONFIG',
    text: 'an Alertmanager configuration to behave by',
  },
  {
    flag: '--config <file>',
    key: 'config',
    variable: 'BELLWETHER_CONFIG',
    text: 'JSON file with thresholds, environments, channels, routes, escalation, heartbeats and rule_files',
  },
];

/** The environment with flags laid over it. */
export function withFlags(env: Environment, flags: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const merged: Record<string, string | undefined> = { ...env };
  for (const { key, variable } of FLAGS) if (flags[key] !== undefined) merged[variable] = flags[key];
  return merged;
}

const MIXED =
  'BELLWETHER_STORE_URL and BELLWETHER_STATE_URL are set without "external_labels" in BELLWETHER_CONFIG: the own metrics of several servers would mix in the store';

/**
 * All settings of a server, checked before anything runs.
 * @throws BellwetherError `config_invalid` | CacheError `cache_config_invalid`, one line that names the variable.
 */
export function serverSettings(env: Environment): MonitorConfig {
  const config = parseConfig(env);
  parseCacheEnvironment(env);
  const isOneOfSeveral = config.stateUrl !== undefined && config.storeUrl !== undefined;
  if (!isOneOfSeveral || Object.keys(config.externalLabels).length > 0) return config;
  return { ...config, notices: [...config.notices, MIXED] };
}
