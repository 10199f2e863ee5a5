import { BellwetherError, messageOf } from '../../base/errors.ts';
import type { InhibitRule } from '../../alerts/mutes/inhibition.ts';
import { YamlReader } from '../../rules/groups/yaml-reader.ts';
import type { ChannelConfig } from '../channels/channel-config.ts';
import { ALERTMANAGER_GROUPING, readInhibitRules, readRoutes, readTimeIntervals } from '../routing/read-routing.ts';
import type { RoutingOptions } from '../routing/routing.ts';
import { readReceivers, type Notice } from './read-receivers.ts';

/** An Alertmanager configuration in our terms. */
export interface AlertmanagerConfig {
  readonly channels: readonly ChannelConfig[];
  readonly routing: RoutingOptions;
  readonly inhibitRules: readonly InhibitRule[];
  /** Time after which an alert that was pushed without an end and is pushed no more is over. */
  readonly resolveTimeoutMs: number;
  /** What has no effect here, in order of lines. */
  readonly notices: readonly Notice[];
}

const TOP = ['global', 'templates', 'route', 'receivers', 'inhibit_rules', 'time_intervals', 'mute_time_intervals', 'tracing'] as const;
const READ_GLOBALS =
  /^(resolve_timeout|smtp_(from|smarthost|auth_username|auth_password|auth_password_file|require_tls)|slack_api_url(_file)?|pagerduty_url|telegram_api_url)$/;

function read(text: string, file: string): AlertmanagerConfig {
  const notices: Notice[] = [];
  const { global, templates, route, receivers, inhibit_rules, time_intervals, mute_time_intervals, tracing } = YamlReader.parse(
    text,
    file,
  ).object(TOP);
  const globals = global.members();
  for (const [name, reader] of globals)
    if (!READ_GLOBALS.test(name)) notices.push({ line: reader.line, text: `global.${name} has no effect` });
  if (!templates.isAbsent) notices.push({ line: templates.line, text: 'templates have no effect: messages have a form of their own' });
  if (!tracing.isAbsent) notices.push({ line: tracing.line, text: 'tracing has no effect' });
  const channels = readReceivers(receivers, { globals, notices });
  const intervals = new Map([...readTimeIntervals(time_intervals), ...readTimeIntervals(mute_time_intervals)]);
  if (route.isAbsent) route.refuse('is required');
  return {
    channels: [...channels.values()].flat(),
    routing: {
      root: readRoutes(route, {
        grouping: ALERTMANAGER_GROUPING,
        receivers: new Set(channels.keys()),
        intervals: new Set(intervals.keys()),
      }),
      receivers: new Map([...channels].map(([name, some]) => [name, some.map((channel) => channel.name)])),
      intervals,
    },
    inhibitRules: readInhibitRules(inhibit_rules),
    resolveTimeoutMs: globals.get('resolve_timeout')?.durationMs(300_000) ?? 300_000,
    notices: notices.toSorted((a, b) => a.line - b.line),
  };
}

/**
 * Reads an Alertmanager configuration: its tree of routes, receivers (webhook, e-mail, Slack, PagerDuty, Telegram, Teams), inhibition and time
 * intervals.
 * @throws BellwetherError `config_invalid`: one line with file, line and what is allowed
 */
export function readAlertmanager(text: string, file: string): AlertmanagerConfig {
  try {
    return read(text, file);
  } catch (error) {
    throw new BellwetherError('config_invalid', messageOf(error).replaceAll(/\s*\n\s*/g, ' '), { details: { file } });
  }
}
