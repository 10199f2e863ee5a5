import type { YamlReader } from './rules/groups/yaml-reader.ts';
import { parseDurationMs } from './query/parse/literals.ts';
import { resolveRetention, type MetricRetention, type Retention, type RetentionTimes } from './store/retention/retention.ts';
import { messageOf } from './base/errors.ts';

/** How samples are kept. Plain data. */
export interface SamplesConfig {
  readonly retention: Retention;
  /** `always`: what is acknowledged is on disk, at the price of a synced write each. @default 'grouped' */
  readonly commit: 'grouped' | 'always';
}

const TIMES = { raw: 'rawMs', rollup_1m: 'minuteMs', rollup_1h: 'hourMs' } as const;
const TIME_KEYS = ['raw', 'rollup_1m', 'rollup_1h'] as const;
const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `10GB` in bytes; `undefined` when the text is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?B)$/.exec(text);
  const bytes = match === null ? 0 : Number(match[1]) * (UNIT_BYTES[match[2] as string] as number);
  return bytes >= 1e6 ? bytes : undefined;
}

/** A time to keep raw samples, at least an hour. `undefined` when the text is none. */
export function parseRawRetention(text: string): number | undefined {
  const durationMs = parseDurationMs(text);
  return durationMs !== undefined && durationMs >= 3_600_000 ? durationMs : undefined;
}

export const RAW_ALLOWED = 'a duration of an hour or more such as 15d';
export const BYTES_ALLOWED = 'a size of 1MB or more such as 500MB or 10GB';

function timesOf(members: Readonly<Record<(typeof TIME_KEYS)[number], YamlReader>>): Partial<RetentionTimes> {
  const times: Partial<Record<keyof RetentionTimes, number>> = {};
  for (const key of TIME_KEYS) {
    const member = members[key];
    if (member.isAbsent) continue;
    times[TIMES[key]] = key === 'raw' ? (parseRawRetention(member.text()) ?? member.refuse(`must be ${RAW_ALLOWED}`)) : member.durationMs();
  }
  return times;
}

function metricOf(item: YamlReader): MetricRetention {
  const members = item.object(['match', ...TIME_KEYS]);
  const match = members.match.text();
  try {
    resolveRetention({ metrics: [{ match }] });
  } catch (error) {
    members.match.refuse(messageOf(error));
  }
  return { match, ...timesOf(members) };
}

/** What the key `retention` of the configuration file says. @throws BellwetherError `rule_invalid`, one line with file and line */
export function readRetention(reader: YamlReader): Partial<Retention> {
  const members = reader.object([...TIME_KEYS, 'size', 'metrics']);
  const { size, metrics } = members;
  return {
    ...timesOf(members),
    ...(size.isAbsent ? {} : { bytes: parseBytes(size.text()) ?? size.refuse(`must be ${BYTES_ALLOWED}`) }),
    ...(metrics.isAbsent ? {} : { metrics: metrics.items().map(metricOf) }),
  };
}
