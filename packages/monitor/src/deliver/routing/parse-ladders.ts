import { DEFAULT_LADDER, type LadderStep, type NamedLadder } from '../../alerts/escalation/ladder.ts';
import { BellwetherError, messageOf } from '../../base/errors.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { Matcher } from '../../store/sample-store.ts';
import { parseMatchers } from './parse-matchers.ts';

const MOST_STEPS = 20;
const LONGEST_SECONDS = 604_800;
const LADDER_FIELDS = ['name', 'matchers', 'steps', 'repeat', 'minimum_severity'] as const;

const LADDER_NAME = /^[\w.-]{1,64}$/;

/** Names of channels that steps may use; `undefined`: any. */
type KnownChannels = readonly string[] | undefined;

function refuse(problem: string): never {
  throw new BellwetherError('config_invalid', `escalation: ${problem}`);
}

function msOf(value: unknown, place: string): number {
  if (typeof value !== 'number' || !(value > 0 && value <= LONGEST_SECONDS))
    return refuse(`${place} must be a number of seconds up to ${LONGEST_SECONDS}`);
  return value * 1000;
}

function fieldsOf(value: unknown, place: string, allowed: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${place} must be an object of ${allowed.join(', ')}`);
  const unknown = Object.keys(value).find((field) => !allowed.includes(field));
  if (unknown !== undefined) refuse(`${place} has no field "${unknown}"; allowed are ${allowed.join(', ')}`);
  return value as Readonly<Record<string, unknown>>;
}

function stepOf(value: unknown, position: number, channels: KnownChannels): LadderStep {
  const place = `steps[${position}]`;
  const { after, channels: named } = fieldsOf(value, place, ['after', 'channels']);
  const afterMs = msOf(after, `${place}.after`);
  if (named === undefined) return { afterMs };
  if (!Array.isArray(named) || named.length === 0 || named.some((name) => typeof name !== 'string' || name === ''))
    return refuse(`${place}.channels must be a list of channels`);
  const strange = named.find((name: string) => channels?.includes(name) === false) as string | undefined;
  if (strange !== undefined)
    refuse(`${place}.channels names ${JSON.stringify(strange.slice(0, 64))}; there are: ${channels?.join(', ') || 'none'}`);
  return { afterMs, channels: [...new Set(named as string[])] };
}

function stepsOf(value: unknown, channels: KnownChannels): readonly LadderStep[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_STEPS) return refuse(`steps must be a list of 1 to ${MOST_STEPS}`);
  const steps = value.map((step, position) => stepOf(step, position, channels));
  const early = steps.findIndex(({ afterMs }, position) => position > 0 && afterMs <= (steps[position - 1]?.afterMs ?? 0));
  if (early !== -1) refuse(`steps[${early}].after must be later than the step before`);
  return steps;
}

function matchersOf(value: unknown): readonly Matcher[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.some((text) => typeof text !== 'string')) return refuse('matchers must be a list of texts');
  try {
    return (value as string[]).flatMap(parseMatchers);
  } catch (error) {
    return refuse(`matchers: ${messageOf(error)}`);
  }
}

/**
 * Reads one ladder: `steps` of `after` (seconds since the alert fired) and `channels`, `repeat` (seconds) of the last step, `minimum_severity`,
 * `matchers` as a route has them, `name`.
 * @param channels Names that steps may use; `undefined`: any.
 * @throws BellwetherError `config_invalid` that names the field and what is allowed.
 */
export function parseLadder(value: unknown, channels: KnownChannels): NamedLadder {
  const given = fieldsOf(value, 'the value', LADDER_FIELDS);
  const { name = DEFAULT_LADDER.name, matchers, steps, repeat, minimum_severity = 'critical' } = given;
  if (typeof name !== 'string' || !LADDER_NAME.test(name)) return refuse('name must be 1 to 64 letters, digits, ".", "_" or "-"');
  if (!SEVERITIES.includes(minimum_severity as Severity)) refuse(`minimum_severity must be one of ${SEVERITIES.join(', ')}`);
  return {
    name,
    matchers: matchersOf(matchers),
    steps: stepsOf(steps, channels),
    minimumSeverity: minimum_severity as Severity,
    ...(repeat === undefined ? {} : { repeatMs: Math.max(60_000, msOf(repeat, 'repeat')) }),
  };
}

/**
 * Reads the `escalation` of a configuration: one ladder, or a list of ladders with a name each, of which the first that fits an alert takes it.
 * @throws BellwetherError `config_invalid` that names the field and what is allowed.
 */
export function parseLadders(value: unknown, channels: readonly string[]): readonly NamedLadder[] {
  if (!Array.isArray(value)) return [parseLadder(value, channels)];
  const ladders = value.map((one: unknown, position) => {
    if ((one as { readonly name?: unknown } | null)?.name === undefined)
      return refuse(`the ladder at position ${position + 1} needs a name`);
    return parseLadder(one, channels);
  });
  const twice = ladders.find(({ name }, position) => ladders.findIndex((other) => other.name === name) !== position);
  if (twice !== undefined) refuse(`the name "${twice.name}" is used twice; each ladder needs its own`);
  return ladders;
}
