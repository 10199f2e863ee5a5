/** What is pushed and silenced, step by step, to both servers. */
import type { Chance } from './chance.ts';
import { fits, randomLabels, randomMatcher, type InhibitRule, type Labels, type Matcher } from './random-routing.ts';

export interface ScriptedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Whether this push ends it. */
  readonly isOver: boolean;
}

export interface ScriptedSilence {
  readonly matchers: readonly Matcher[];
  readonly comment: string;
}

/** One moment: silences first, then alerts in one push; `lifted` are comments of silences that end. */
export interface Step {
  readonly silences: readonly ScriptedSilence[];
  readonly lifted: readonly string[];
  readonly alerts: readonly ScriptedAlert[];
}

export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const ALERTS_A_STEP = 3;

/** In the first step alerts begin; in later ones some end, some begin, some come back; silences come with the first two and half of them are lifted in the third. */
export function randomScript(chance: Chance, subtrees: readonly string[], steps: number): readonly Step[] {
  const alerts = new Map<string, ScriptedAlert>();
  const silences: ScriptedSilence[] = [];
  return Array.from({ length: steps }, (_, step) => {
    const pushed = new Map<string, ScriptedAlert>();
    for (const [key, alert] of alerts) {
      const dice = chance.next();
      if (dice < 0.35) pushed.set(key, { ...alert, isOver: !alert.isOver });
    }
    for (const subtree of subtrees)
      for (let i = 0; i < (step === 0 ? ALERTS_A_STEP : 1); i++) {
        const labels = randomLabels(chance, subtree);
        const key = keyOf(labels);
        if (!alerts.has(key)) pushed.set(key, { labels, annotations: { summary: key }, isOver: false });
      }
    for (const [key, alert] of pushed) alerts.set(key, alert);
    const made = step > 1 ? [] : subtrees.filter(() => chance.next() < 0.2).map((subtree) => silence(chance, subtree, step));
    silences.push(...made);
    const lifted = step === 2 ? silences.filter(() => chance.next() < 0.5).map(({ comment }) => comment) : [];
    return { silences: made, lifted, alerts: [...pushed.values()] };
  });
}

function silence(chance: Chance, subtree: string, step: number): ScriptedSilence {
  return { matchers: [{ name: 'subtree', op: '=', value: subtree }, randomMatcher(chance)], comment: `${subtree} in step ${step}` };
}

/**
 * Keys of the alerts that ended while a silence or an alert that explains them covered them: Alertmanager does not tell such an end, we do
 * (docs/decisions/0050). Takes more for covered than is: an alert may not be explained by one that is a target, too.
 */
export function endedUnderCover(steps: readonly Step[], rules: readonly InhibitRule[]): ReadonlySet<string> {
  const ended = new Set<string>();
  let silences: readonly ScriptedSilence[] = [];
  const firing = new Map<string, Labels>();
  for (const step of steps) {
    const before = [...firing.values()];
    silences = [...silences, ...step.silences];
    for (const { labels, isOver } of step.alerts) {
      if (isOver) firing.delete(keyOf(labels));
      else firing.set(keyOf(labels), labels);
    }
    const sources = [...before, ...firing.values()];
    const isExplained = (labels: Labels): boolean =>
      rules.some(
        ({ source, target, equal }) =>
          fits(target, labels) &&
          sources.some((other) => fits(source, other) && equal.every((name) => (other[name] ?? '') === (labels[name] ?? ''))),
      );
    for (const { labels, isOver } of step.alerts)
      if (isOver && (isExplained(labels) || silences.some(({ matchers }) => fits(matchers, labels)))) ended.add(keyOf(labels));
    silences = silences.filter(({ comment }) => !step.lifted.includes(comment));
  }
  return ended;
}
