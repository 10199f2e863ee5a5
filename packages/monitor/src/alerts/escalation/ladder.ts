import { severityRank, type Severity } from '../../model/severity.ts';
import type { Matcher } from '../../store/sample-store.ts';

export interface LadderStep {
  /** Since the alert fired, > 0, each step later than the one before. */
  readonly afterMs: number;
  /** Names of the channels that are told; absent: those of the alert and those marked for escalations. */
  readonly channels?: readonly string[];
}

/** Who is told when nobody takes an alert. An acknowledgement ends it; a silence or an explaining alert holds it. */
export interface Ladder {
  /** At least one. */
  readonly steps: readonly LadderStep[];
  /** Between repetitions of the last step, > 0; absent: no repetition. */
  readonly repeatMs?: number;
  /** Less severe alerts are not escalated. */
  readonly minimumSeverity: Severity;
}

/** One of several ladders. */
export interface NamedLadder extends Ladder {
  readonly name: string;
  /** All must fit the alert; none fits every alert. */
  readonly matchers: readonly Matcher[];
}

/** What takes an alert that no other ladder does. */
export const DEFAULT_LADDER: NamedLadder = { name: 'default', matchers: [], steps: [{ afterMs: 900_000 }], minimumSeverity: 'critical' };

/** Stands for the channels of the alert and those marked for escalations. */
export const OWN_CHANNELS = '';

/**
 * How far an alert has climbed. It is told by whom was told, not by positions on a ladder: the ladder may be changed, deleted or give way to
 * another while the alert is on it, and then nobody is told twice for one step, and nobody that the new one names is left out.
 */
export interface Climb {
  /** A channel as often as steps told it, repetitions not counted. */
  readonly told: readonly string[];
  /** When the last escalation was due, in ms since the alert fired. */
  readonly atMs: number;
  /** Whom it told. */
  readonly last: readonly string[];
}

/** A firing alert on its way up. */
export interface Climber {
  readonly severity: Severity;
  /** Escalations so far. */
  readonly level: number;
  readonly climb: Climb | undefined;
}

const NOT_BEGUN: Climb = { told: [], atMs: 0, last: [] };
const OWN: readonly string[] = [OWN_CHANNELS];

function channelsOf({ channels }: LadderStep): readonly string[] {
  return channels ?? OWN;
}

/** The climb of an alert that was escalated `level` times by this ladder, for alerts that were written without one. */
export function climbAt({ steps, repeatMs = 0 }: Ladder, level: number): Climb {
  const last = level === 0 ? undefined : steps[Math.min(level, steps.length) - 1];
  if (last === undefined) return NOT_BEGUN;
  return {
    told: steps.slice(0, level).flatMap(channelsOf),
    atMs: last.afterMs + Math.max(0, level - steps.length) * repeatMs,
    last: channelsOf(last),
  };
}

interface Untold {
  readonly channel: string;
  readonly afterMs: number;
}

/** Whom steps have yet to tell, in order. A channel that several steps name is told by each. Asked of every firing alert at each evaluation. */
function untold({ steps }: Ladder, told: readonly string[]): readonly Untold[] {
  const left = [...told];
  const missing: Untold[] = [];
  for (const step of steps)
    for (const channel of channelsOf(step)) {
      const place = left.indexOf(channel);
      if (place === -1) missing.push({ channel, afterMs: step.afterMs });
      else left.splice(place, 1);
    }
  return missing;
}

/** When the next escalation is due, in ms since the alert fired; `Infinity` when there are no more. */
export function nextEscalationMs(ladder: Ladder, { severity, level, climb = climbAt(ladder, level) }: Climber): number {
  if (severityRank(severity) < severityRank(ladder.minimumSeverity)) return Infinity;
  const [next] = untold(ladder, climb.told);
  const { repeatMs, steps } = ladder;
  if (next !== undefined || repeatMs === undefined) return next?.afterMs ?? Infinity;
  const lastMs = steps.at(-1)?.afterMs ?? 0;
  return lastMs + Math.max(1, Math.ceil((climb.atMs + repeatMs - lastMs) / repeatMs)) * repeatMs;
}

/**
 * Where an alert that has fired for `firedMs` has come to by now; `undefined` when that is where it was. Escalations missed while nobody
 * evaluated are taken at once and told as one, to all whom they name.
 */
export function climbOn(ladder: Ladder, climber: Climber, firedMs: number): { readonly level: number; readonly climb: Climb } | undefined {
  const { steps, repeatMs } = ladder;
  if (firedMs < (steps[0]?.afterMs ?? 0) || nextEscalationMs(ladder, climber) > firedMs) return undefined;
  const { level, climb = climbAt(ladder, level) } = climber;
  const due = untold(ladder, climb.told).filter(({ afterMs }) => afterMs <= firedMs);
  const reached = steps.filter(({ afterMs }) => afterMs <= firedMs);
  const lastMs = reached.at(-1)?.afterMs ?? 0;
  const repetitions = repeatMs === undefined || reached.length < steps.length ? 0 : Math.floor((firedMs - lastMs) / repeatMs);
  const repeatedMs = lastMs + repetitions * (repeatMs ?? 0);
  const isRepeated = repetitions > 0 && repeatedMs >= climb.atMs + (repeatMs ?? 0);
  const again = isRepeated ? steps.slice(-1).flatMap(channelsOf) : [];
  const channels = due.map(({ channel }) => channel);
  return {
    level: Math.max(level + 1, reached.length + repetitions),
    climb: {
      told: [...climb.told, ...channels],
      atMs: Math.max(climb.atMs, isRepeated ? repeatedMs : 0, ...due.map(({ afterMs }) => afterMs)),
      last: [...new Set([...channels, ...again])],
    },
  };
}
