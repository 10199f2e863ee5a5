import { BellwetherError } from '../../base/errors.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { Ladder, LadderStep } from './ladder.ts';

const MOST_STEPS = 20;
const LONGEST_SECONDS = 604_800;

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

function stepOf(value: unknown, position: number, channels: readonly string[]): LadderStep {
  const place = `steps[${position}]`;
  const { after, channels: named } = fieldsOf(value, place, ['after', 'channels']);
  const afterMs = msOf(after, `${place}.after`);
  if (named === undefined) return { afterMs };
  if (!Array.isArray(named) || named.length === 0) return refuse(`${place}.channels must be a list of channels`);
  const strange: unknown = named.find((name) => !channels.includes(name as string));
  if (strange !== undefined)
    refuse(`${place}.channels names ${(JSON.stringify(strange) ?? '').slice(0, 64)}; there are: ${channels.join(', ') || 'none'}`);
  return { afterMs, channels: named as string[] };
}

/**
 * Reads the `escalation` of a configuration: `steps` of `after` (seconds since the alert fired) and `channels`, `repeat` (seconds) of the last
 * step, `minimum_severity`.
 * @param channels Names that steps may use.
 * @throws BellwetherError `config_invalid` that names the field and what is allowed.
 */
export function parseLadder(value: unknown, channels: readonly string[]): Ladder {
  const { steps, repeat, minimum_severity = 'critical' } = fieldsOf(value, 'the value', ['steps', 'repeat', 'minimum_severity']);
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > MOST_STEPS) return refuse(`steps must be a list of 1 to ${MOST_STEPS}`);
  if (!SEVERITIES.includes(minimum_severity as Severity)) refuse(`minimum_severity must be one of ${SEVERITIES.join(', ')}`);
  const ladder = steps.map((step, position) => stepOf(step, position, channels));
  const early = ladder.findIndex(({ afterMs }, position) => position > 0 && afterMs <= (ladder[position - 1]?.afterMs ?? 0));
  if (early !== -1) refuse(`steps[${early}].after must be later than the step before`);
  return {
    steps: ladder,
    minimumSeverity: minimum_severity as Severity,
    ...(repeat === undefined ? {} : { repeatMs: Math.max(60_000, msOf(repeat, 'repeat')) }),
  };
}
