import { BellwetherError } from '../../base/errors.ts';
import { HTTP_URL } from '../channels/field-checks.ts';

/** A sign of life that we send: whoever expects it notices when it stops, even when everything here is dead. */
export interface SentHeartbeat {
  readonly name: string;
  /** Address that takes a POST; may be `env:NAME` or `file:/path`: a secret. */
  readonly url: string;
  /** Seconds between two, 10 to 86,400. @default 60 */
  readonly every?: number;
}

/** A sign of life that we expect, from a backup or a cron job. */
export interface ExpectedHeartbeat {
  readonly name: string;
  /** Seconds after the last one, 10 to 2,678,400 (31 days), until it is overdue. */
  readonly within: number;
}

export interface HeartbeatConfig {
  readonly send: readonly SentHeartbeat[];
  readonly expect: readonly ExpectedHeartbeat[];
}

export const NO_HEARTBEATS: HeartbeatConfig = { send: [], expect: [] };

const NAME = /^[\w.-]{1,64}$/;

function invalid(place: string, allowed: string): never {
  throw new BellwetherError('config_invalid', `heartbeats: ${place} must be ${allowed}`);
}

function entries(value: unknown, list: string, fields: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > 100) return invalid(list, 'a list of at most 100');
  const names = new Set<unknown>();
  return value.map((entry: unknown) => {
    const given = (typeof entry === 'object' && entry !== null ? entry : {}) as Readonly<Record<string, unknown>>;
    const { name } = given;
    if (typeof name !== 'string' || !NAME.test(name)) invalid(`${list}: name`, '1 to 64 letters, digits, ".", "_" or "-"');
    if (names.has(name)) invalid(`${list}: name`, 'used once');
    names.add(name);
    const unknown = Object.keys(given).find((field) => !fields.includes(field));
    if (unknown !== undefined) invalid(`${list} "${name}"`, `made of ${fields.join(', ')}; it has "${unknown}"`);
    return given;
  });
}

function seconds(value: unknown, place: string, most: number): number {
  if (typeof value !== 'number' || !(value >= 10 && value <= most)) return invalid(place, `a number of seconds from 10 to ${most}`);
  return value;
}

/** Checks the `heartbeats` of a configuration. @throws BellwetherError `config_invalid` that names the field and what is allowed. */
export function parseHeartbeats(value: unknown): HeartbeatConfig {
  if (value === undefined) return NO_HEARTBEATS;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('the value', 'an object of send and expect');
  const { send, expect, ...rest } = value as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) invalid('the value', `an object of send and expect; it has "${unknown}"`);
  return {
    send: entries(send, 'send', ['name', 'url', 'every']).map(({ name, url, every = 60 }) => {
      if (!HTTP_URL.accepts(url)) invalid(`send "${String(name)}": url`, HTTP_URL.allowed);
      return { name: name as string, url: url as string, every: seconds(every, `send "${String(name)}": every`, 86_400) };
    }),
    expect: entries(expect, 'expect', ['name', 'within']).map(({ name, within }) => ({
      name: name as string,
      within: seconds(within, `expect "${String(name)}": within`, 2_678_400),
    })),
  };
}
