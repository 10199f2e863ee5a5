import { isIP } from 'node:net';
import { BellwetherError, messageOf } from './base/errors.ts';
import { DEFAULT_THRESHOLDS, parseThresholds, type Thresholds } from './rules/thresholds.ts';

/** What the environment alone decides, with defaults filled in: all that most programs need, without the readers of files. */
export interface EnvironmentConfig {
  /** @default true */
  readonly enabled: boolean;
  /** Between collections. @default 30,000 */
  readonly intervalMs: number;
  /** Defaults overlaid with PERFORMANCE_ALERT_THRESHOLDS. */
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
  /** Whether a variable says what only `parseConfig` reads: a file of configuration, rules or Alertmanager's, or how long samples are kept. */
  readonly hasMore: boolean;
}

const MORE_VARIABLES = [
  'BELLWETHER_CONFIG',
  'BELLWETHER_ALERTMANAGER_CONFIG',
  'BELLWETHER_RULES',
  'BELLWETHER_RETENTION',
  'BELLWETHER_RETENTION_SIZE',
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

export function invalidVariable(variable: string, value: string, allowed: string): BellwetherError {
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
  if (!isAllowed)
    throw invalidVariable(variable, text, `a ${range.whole === true ? 'whole ' : ''}number from ${range.from} to ${range.to}`);
  return value;
}

function booleanOf(env: Environment, variable: string, fallback: boolean): boolean {
  const text = env[variable]?.trim().toLowerCase();
  if (text === undefined || text === '') return fallback;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw invalidVariable(variable, text, 'true or false');
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
  if (wrong !== undefined)
    throw invalidVariable('BELLWETHER_ALLOW_PRIVATE_TARGETS', wrong, 'a comma-separated list of CIDRs such as 127.0.0.0/8');
  return list;
}

function thresholdsOf(env: Environment): Thresholds {
  const text = env['PERFORMANCE_ALERT_THRESHOLDS']?.trim();
  if (text === undefined || text === '') return {};
  try {
    return parseThresholds(JSON.parse(text));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : messageOf(error);
    throw invalidVariable(
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

/** Reads the contract's variables. @throws BellwetherError `config_invalid`: one line with the variable, its value and what is allowed. Secrets are never repeated. */
export function parseEnvironment(env: Environment): EnvironmentConfig {
  const thresholds = { ...DEFAULT_THRESHOLDS, ...thresholdsOf(env) };
  const host = env['BELLWETHER_HOST']?.trim() || '127.0.0.1';
  if (!/^[a-zA-Z0-9.:_-]{1,253}$/.test(host)) throw invalidVariable('BELLWETHER_HOST', host, 'an IP address or host name');
  return {
    enabled: booleanOf(env, 'PERFORMANCE_MONITORING_ENABLED', true),
    intervalMs: 1000 * numberOf(env, 'PERFORMANCE_MONITORING_INTERVAL', { from: 1, to: 86_400, fallback: 30 }),
    thresholds,
    environment: env['NODE_ENV']?.trim() || undefined,
    host,
    port: numberOf(env, 'BELLWETHER_PORT', { from: 0, to: 65_535, fallback: 8000, whole: true }),
    dataDir: env['BELLWETHER_DATA_DIR']?.trim() || './.bellwether',
    token: tokenOf(env),
    storeUrl: urlOf(env, 'BELLWETHER_STORE_URL', ['http:', 'https:']),
    stateUrl: urlOf(env, 'BELLWETHER_STATE_URL', ['postgres:', 'postgresql:']),
    cacheUrl: urlOf(env, 'BELLWETHER_CACHE_URL', ['redis:', 'rediss:']),
    traceRatio: numberOf(env, 'BELLWETHER_TRACE_RATIO', { from: 0, to: 1, fallback: 0.01 }),
    allowPrivateTargets: cidrsOf(env),
    hasMore: MORE_VARIABLES.some((variable) => (env[variable]?.trim() ?? '') !== ''),
  };
}
