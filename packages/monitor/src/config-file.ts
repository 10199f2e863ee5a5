import { readFileSync } from 'node:fs';
import { BellwetherError, messageOf } from './base/errors.ts';
import { parseChannels, type ChannelConfig } from './deliver/channels/channel-config.ts';
import { NO_DELIVERY, type DeliveryConfig } from './deliver/delivery-config.ts';
import { parseHeartbeats } from './deliver/heartbeat/heartbeat-config.ts';
import { readInhibitRules, readRoutes, readTimeIntervals } from './deliver/routing/read-routing.ts';
import { parseLadders } from './deliver/routing/parse-ladders.ts';
import type { RoutingOptions } from './deliver/routing/routing.ts';
import { isLabelName, type Labels } from './model/labels.ts';
import { YamlReader } from './rules/groups/yaml-reader.ts';
import { readRetention } from './samples-config.ts';
import type { Retention } from './store/retention/retention.ts';
import { parseThresholds, type Thresholds } from './rules/thresholds.ts';

/** What the file that BELLWETHER_CONFIG names says. */
export interface ConfigFile {
  readonly thresholds: Thresholds;
  readonly environments: Readonly<Record<string, Thresholds>>;
  readonly delivery: DeliveryConfig;
  /** Relative to the file. */
  readonly ruleFiles: readonly string[];
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly retention: Partial<Retention>;
  readonly commit: 'grouped' | 'always';
}

const KEYS = [
  'thresholds',
  'environments',
  'channels',
  'receivers',
  'route',
  'time_intervals',
  'inhibit_rules',
  'escalation',
  'heartbeats',
  'rule_files',
  'external_labels',
  'external_url',
  'retention',
  'commit',
] as const;
type Members = Readonly<Record<(typeof KEYS)[number], YamlReader>>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')) return value as string[];
  throw new Error('"rule_files" must be a list of paths');
}

function externalLabelsOf(value: unknown): Labels {
  if (isRecord(value) && Object.entries(value).every(([name, text]) => isLabelName(name) && typeof text === 'string'))
    return value as Labels;
  throw new Error('"external_labels" must be an object of label names and texts');
}

function externalUrlOf(value: unknown): string {
  if (value === '' || (typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value))) return value;
  throw new Error('"external_url" must be a URL that begins with http:// or https://');
}

function environmentsOf(value: unknown): Readonly<Record<string, Thresholds>> {
  if (!isRecord(value)) throw new Error('"environments" must be an object of thresholds by environment name');
  return Object.fromEntries(Object.entries(value).map(([name, thresholds]) => [name, parseThresholds(thresholds)]));
}

/** Each channel is a receiver of its own name; `receivers` join several under one. */
function routingOf({ receivers, route, time_intervals }: Members, channels: readonly ChannelConfig[]): RoutingOptions {
  const names = new Set(channels.map(({ name }) => name));
  const joined = new Map(
    [...receivers.members()].map(([name, list]) => [
      name,
      list.items().map((item) => {
        if (!names.has(item.text()))
          item.refuse(`there is no channel ${JSON.stringify(item.text())}; there are: ${[...names].join(', ') || 'none'}`);
        return item.text();
      }),
    ]),
  );
  const intervals = readTimeIntervals(time_intervals);
  if (route.isAbsent) return { receivers: joined, intervals };
  const known = new Set([...names, ...joined.keys()]);
  const root = readRoutes(route, { grouping: { kind: 'automatic' }, receivers: known, intervals: new Set(intervals.keys()) });
  return { receivers: joined, intervals, root };
}

function deliveryOf(members: Members): DeliveryConfig {
  const channels = parseChannels(members.channels.plain ?? []);
  const { escalation } = members;
  return {
    ...NO_DELIVERY,
    channels,
    routing: routingOf(members, channels),
    inhibitRules: readInhibitRules(members.inhibit_rules),
    ladders: escalation.isAbsent
      ? []
      : parseLadders(
          escalation.plain,
          channels.map(({ name }) => name),
        ),
    heartbeats: parseHeartbeats(members.heartbeats.plain),
  };
}

function contentOf(text: string, file: string): ConfigFile {
  JSON.parse(text);
  const root = YamlReader.parse(text, file);
  if (!root.isMap) throw new Error('it must hold a JSON object');
  const members = root.object(KEYS);
  return {
    thresholds: parseThresholds(members.thresholds.plain ?? {}),
    environments: environmentsOf(members.environments.plain ?? {}),
    delivery: deliveryOf(members),
    ruleFiles: textsOf(members.rule_files.plain ?? []),
    externalLabels: externalLabelsOf(members.external_labels.plain ?? {}),
    externalUrl: externalUrlOf(members.external_url.plain ?? ''),
    retention: readRetention(members.retention),
    commit: members.commit.choice(['grouped', 'always'], 'grouped'),
  };
}

/** @throws BellwetherError `config_invalid`, one line that names the file and what is wrong in it. */
export function readConfigFile(file: string): ConfigFile {
  try {
    return contentOf(readFileSync(file, 'utf8'), file);
  } catch (error) {
    throw new BellwetherError('config_invalid', `BELLWETHER_CONFIG: ${file} cannot be used: ${messageOf(error).replaceAll('\n', ' ')}`, {
      details: { variable: 'BELLWETHER_CONFIG' },
    });
  }
}
