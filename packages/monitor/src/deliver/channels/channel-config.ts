import type { Clock } from '../../base/clock.ts';
import { BellwetherError } from '../../base/errors.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { parseTimeInterval, type TimeInterval } from '../../model/time-interval.ts';
import type { Channel } from '../channel.ts';
import { resolveReference, type Environment } from '../reach/secret-reference.ts';
import { createTargetGuard } from '../reach/target-guard.ts';
import type { PlanTarget } from '../stages/stage.ts';
import type { ChannelKind, CommonConfig, Making } from './channel-kind.ts';
import { dashboardKind, type DashboardConfig } from './dashboard.ts';
import { emailKind, type EmailConfig } from './email.ts';
import { FiringOnlyChannel } from './firing-only.ts';
import { FLAG, isHttpUrl, required, TEXT, type FieldCheck } from './field-checks.ts';
import { ntfyKind, type NtfyConfig } from './ntfy.ts';
import { pagerDutyKind, type PagerDutyConfig } from './pagerduty.ts';
import { slackKind, type SlackConfig } from './slack.ts';
import { teamsKind, type TeamsConfig } from './teams.ts';
import { telegramKind, type TelegramConfig } from './telegram.ts';
import { webhookKind, type WebhookConfig } from './webhook.ts';

/** A channel as the configuration file writes it. Addresses and secrets may be references: `env:NAME` or `file:/path`. */
export type ChannelConfig =
  | WebhookConfig
  | SlackConfig
  | EmailConfig
  | DashboardConfig
  | PagerDutyConfig
  | TeamsConfig
  | TelegramConfig
  | NtfyConfig;

type ConfigOf<Kind extends Channel['kind']> = Extract<ChannelConfig, { readonly kind: Kind }>;

const KINDS: { readonly [Kind in Channel['kind']]: ChannelKind<ConfigOf<Kind>> } = {
  webhook: webhookKind,
  slack: slackKind,
  email: emailKind,
  dashboard: dashboardKind,
  pagerduty: pagerDutyKind,
  teams: teamsKind,
  telegram: telegramKind,
  ntfy: ntfyKind,
};

function isIntervals(value: unknown): boolean {
  try {
    return Array.isArray(value) && value.length > 0 && value.map(parseTimeInterval).length > 0;
  } catch {
    return false;
  }
}

const COMMON_FIELDS: Readonly<Record<string, FieldCheck>> = {
  name: {
    allowed: '1 to 64 letters, digits, ".", "_" or "-"',
    accepts: (value) => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value),
    required: true,
  },
  kind: required(TEXT),
  minimum_severity: { allowed: `one of ${SEVERITIES.join(', ')}`, accepts: (value) => SEVERITIES.includes(value as Severity) },
  escalation: FLAG,
  send_resolved: FLAG,
  quiet_hours: {
    allowed: 'a list of time intervals such as {"times": [{"start_time": "00:00", "end_time": "06:00"}], "location": "Europe/Berlin"}',
    accepts: isIntervals,
  },
};

function invalid(place: string, problem: string): BellwetherError {
  return new BellwetherError('config_invalid', `${place}: ${problem}`, { details: { place } });
}

/**
 * One channel, checked. Values are never repeated in errors: they may be secrets.
 * @param position In its list, for errors about one without a name.
 * @throws BellwetherError `config_invalid` that names the channel, the field and what is allowed.
 */
export function parseChannel(value: unknown, position: number): ChannelConfig {
  const numbered = `channels[${position}]`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(numbered, 'must be an object with name and kind');
  const given = value as Readonly<Record<string, unknown>>;
  const place = COMMON_FIELDS['name']?.accepts(given['name']) === true ? `channel "${String(given['name'])}"` : numbered;
  const { kind } = given;
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) throw invalid(place, `kind must be one of ${Object.keys(KINDS).join(', ')}`);
  const checks: Readonly<Record<string, FieldCheck>> = { ...COMMON_FIELDS, ...KINDS[kind as Channel['kind']].fields };
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

/** When each channel wants to hear only of what is critical. */
export function quietHoursOf(configs: readonly ChannelConfig[]): ReadonlyMap<string, readonly TimeInterval[]> {
  return new Map(
    configs.flatMap(({ name, quiet_hours }) => (quiet_hours === undefined ? [] : [[name, quiet_hours.map(parseTimeInterval)]])),
  );
}

/** What a channel is made in. */
export interface ChannelSurroundings extends Pick<Making, 'guard' | 'clock'> {
  /** The text that a configured value stands for. @throws BellwetherError `config_invalid` */
  readonly resolve: (value: string, place: string) => string;
}

/**
 * Makes one channel of a checked configuration. The caller disposes it.
 * @throws BellwetherError `config_invalid`, also for a secret that is not there; `target_refused` for a literal private address.
 */
export function createChannel(config: ChannelConfig, { resolve, clock, guard }: ChannelSurroundings): Channel {
  const place = (field: string): string => `channel "${config.name}" field ${field}`;
  const text = (field: string, value: string): string => resolve(value, place(field));
  const making: Making = {
    guard,
    clock,
    text,
    url(field, value) {
      const url = text(field, value);
      if (!isHttpUrl(url)) throw invalid(place(field), 'what it refers to is not an http:// or https:// URL');
      guard.check(new URL(url).hostname);
      return url;
    },
    refuse(field, allowed) {
      throw invalid(place(field), `must be ${allowed}`);
    },
  };
  const kind = KINDS[config.kind] as unknown as ChannelKind<CommonConfig>;
  const channel = kind.create(config, making);
  return config.send_resolved === false ? new FiringOnlyChannel(channel) : channel;
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
  const { allowPrivateTargets, env, clock } = surroundings;
  const guard = createTargetGuard(allowPrivateTargets);
  const resolve = (value: string, place: string): string => resolveReference(value, place, env);
  return parseChannels(configs).map((config) => createChannel(config, { resolve, clock, guard }));
}
