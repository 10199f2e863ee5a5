import type { Clock } from '../../base/clock.ts';
import { BellwetherError } from '../../base/errors.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { Channel } from '../channel.ts';
import { DashboardChannel } from './dashboard.ts';
import { EmailChannel } from './email.ts';
import type { PlanTarget } from '../stages/stage.ts';
import { resolveReference, type Environment } from '../reach/secret-reference.ts';
import { SlackChannel } from './slack.ts';
import { createTargetGuard, type TargetGuard } from '../reach/target-guard.ts';
import { WebhookChannel } from './webhook.ts';

interface CommonConfig {
  /** Unique; letters, digits, `.`, `_` and `-`, 64 at most. */
  readonly name: string;
  /** Less severe alerts are not sent. @default 'low' */
  readonly minimum_severity?: Severity;
  /** Only escalated alerts, and how they end. @default false */
  readonly escalation?: boolean;
}

export interface WebhookConfig extends CommonConfig {
  readonly kind: 'webhook';
  readonly url: string;
  readonly secret?: string;
}
export interface SlackConfig extends CommonConfig {
  readonly kind: 'slack';
  readonly url: string;
}
export interface EmailConfig extends CommonConfig {
  readonly kind: 'email';
  readonly host: string;
  /** @default 465 with `secure`, else 587 */
  readonly port?: number;
  /** @default false */
  readonly secure?: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
}
export interface DashboardConfig extends CommonConfig {
  readonly kind: 'dashboard';
}

/** A channel as the configuration file writes it. `url`, `secret`, `user` and `password` may be references: `env:NAME` or `file:/path`. */
export type ChannelConfig = WebhookConfig | SlackConfig | EmailConfig | DashboardConfig;

type Check = { readonly allowed: string; readonly accepts: (value: unknown) => boolean; readonly required?: true };

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '' && !/[\r\n]/.test(value);
const isReference = (value: unknown): boolean => isText(value) && /^(env:[A-Za-z_]\w*|file:.+)$/.test(value);
const isHttpUrl = (value: unknown): boolean => isText(value) && /^https?:\/\//.test(value) && URL.canParse(value);
const isPort = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;

const TEXT: Check = { allowed: 'a text of one line', accepts: isText };
const FLAG: Check = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' };
const URL_OR_REFERENCE: Check = {
  allowed: 'an http:// or https:// URL, env:NAME or file:/path',
  accepts: (value) => isReference(value) || isHttpUrl(value),
  required: true,
};
const ADDRESSES: Check = {
  allowed: 'a list of at least one e-mail address',
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => isText(one) && one.includes('@')),
  required: true,
};

const COMMON_FIELDS: Readonly<Record<string, Check>> = {
  name: {
    allowed: '1 to 64 letters, digits, ".", "_" or "-"',
    accepts: (value) => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value),
    required: true,
  },
  kind: { ...TEXT, required: true },
  minimum_severity: { allowed: `one of ${SEVERITIES.join(', ')}`, accepts: (value) => SEVERITIES.includes(value as Severity) },
  escalation: FLAG,
};

const FIELDS: Readonly<Record<Channel['kind'], Readonly<Record<string, Check>>>> = {
  webhook: { url: URL_OR_REFERENCE, secret: TEXT },
  slack: { url: URL_OR_REFERENCE },
  email: {
    host: { ...TEXT, required: true },
    port: { allowed: 'a number from 1 to 65535', accepts: isPort },
    secure: FLAG,
    user: TEXT,
    password: TEXT,
    from: { allowed: 'an e-mail address', accepts: (value) => isText(value) && value.includes('@'), required: true },
    to: ADDRESSES,
  },
  dashboard: {},
};

function invalid(place: string, problem: string): BellwetherError {
  return new BellwetherError('config_invalid', `${place}: ${problem}`, { details: { place } });
}

/** One channel, checked. Values are never repeated in errors: they may be secrets. */
function parseChannel(value: unknown, position: number): ChannelConfig {
  const numbered = `channels[${position}]`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(numbered, 'must be an object with name and kind');
  const given = value as Readonly<Record<string, unknown>>;
  const place = COMMON_FIELDS['name']?.accepts(given['name']) === true ? `channel "${String(given['name'])}"` : numbered;
  const { kind } = given;
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind))
    throw invalid(place, `kind must be one of ${Object.keys(FIELDS).join(', ')}`);
  const checks = { ...COMMON_FIELDS, ...FIELDS[kind as Channel['kind']] };
  for (const [field, check] of Object.entries(checks)) {
    if (given[field] === undefined && check.required !== true) continue;
    if (!check.accepts(given[field])) throw invalid(place, `${field} must be ${check.allowed}`);
  }
  const unknown = Object.keys(given).find((field) => !Object.hasOwn(checks, field));
  if (unknown !== undefined) throw invalid(place, `has no field "${unknown}"; allowed are ${Object.keys(checks).join(', ')}`);
  return given as unknown as ChannelConfig;
}

/** Checks the `channels` of a configuration. @throws BellwetherError `config_invalid` that names the channel, the field and what is allowed. */
export function parseChannels(value: unknown): readonly ChannelConfig[] {
  if (!Array.isArray(value)) throw invalid('channels', 'must be a list');
  const channels = value.map(parseChannel);
  const twice = channels.find(({ name }, position) => channels.findIndex((other) => other.name === name) !== position);
  if (twice !== undefined) throw invalid(`channel "${twice.name}"`, 'the name is used twice; each channel needs its own');
  return channels;
}

/** What the planner must know of each channel. */
export function planTargets(configs: readonly ChannelConfig[]): readonly PlanTarget[] {
  return configs.map(({ name, kind, minimum_severity: minimumSeverity, escalation }) => ({
    name,
    kind,
    ...(minimumSeverity === undefined ? {} : { minimumSeverity }),
    ...(escalation === undefined ? {} : { escalationOnly: escalation }),
  }));
}

interface Surroundings {
  readonly env: Environment;
  readonly clock: Clock;
  readonly guard: TargetGuard;
}

function createChannel(config: ChannelConfig, { env, clock, guard }: Surroundings): Channel {
  const place = (field: string): string => `channel "${config.name}" field ${field}`;
  const resolve = (field: string, value: string | undefined): string | undefined =>
    value === undefined ? undefined : resolveReference(value, place(field), env);
  const urlOf = (reference: string): string => {
    const url = resolveReference(reference, place('url'), env);
    if (!isHttpUrl(url)) throw invalid(place('url'), 'what it refers to is not an http:// or https:// URL');
    guard.check(new URL(url).hostname);
    return url;
  };
  const { name } = config;
  switch (config.kind) {
    case 'dashboard':
      return new DashboardChannel(name);
    case 'slack':
      return new SlackChannel({ name, url: urlOf(config.url), guard, clock });
    case 'webhook': {
      const [url, secret] = [urlOf(config.url), resolve('secret', config.secret)];
      try {
        return new WebhookChannel({ name, url, secret, guard, clock });
      } catch {
        throw invalid(place('secret'), 'must be 24 to 64 bytes in base64, with or without whsec_ before it');
      }
    }
    default: {
      guard.check(config.host);
      const { host, from, to, secure = false, port = secure ? 465 : 587 } = config;
      const [user, password] = [resolve('user', config.user), resolve('password', config.password)];
      return new EmailChannel({ name, host, port, secure, user, password, from, to, guard, clock });
    }
  }
}

/**
 * Makes the channels of a configuration and resolves their secrets. The caller disposes them.
 * @param surroundings `allowPrivateTargets`: CIDRs that may be reached although private.
 * @throws BellwetherError `config_invalid`, also for a secret that is not there; `target_refused` for a literal private address.
 */
export function createChannels(
  configs: readonly ChannelConfig[],
  surroundings: { readonly allowPrivateTargets: readonly string[]; readonly env: Environment; readonly clock: Clock },
): readonly Channel[] {
  const guard = createTargetGuard(surroundings.allowPrivateTargets);
  return parseChannels(configs).map((config) => createChannel(config, { ...surroundings, guard }));
}
