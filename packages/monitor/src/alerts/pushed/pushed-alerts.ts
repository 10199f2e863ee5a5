/**
 * Alerts that others judged and push to us, as Prometheus pushes to Alertmanager: again and again while they fire, with an end some minutes
 * ahead; when the pushes stop, the end comes by itself. They go through the same state, stages and outbox as our own. An alert is known by its
 * labels; a push of a known one moves its end and annotations. What was accepted is on disk.
 */
import { BellwetherError } from '../../base/errors.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Labels } from '../../model/labels.ts';
import type { FindLadder } from '../escalation/find-ladder.ts';
import { messageOf } from '../groups/judge-samples.ts';
import { severityOf } from '../groups/severity-of.ts';
import type { AlertBook } from '../state/alert-book.ts';
import { INACTIVE } from '../state/next-state.ts';
import { OutcomeDraft, type RuleOutcome } from '../state/rule-outcome.ts';
import { alertKey, keptAlert, PUSHED, type TrackedAlert } from '../state/tracked-alert.ts';
import { transition, type TransitionContext } from '../state/transition.ts';

/** One alert as it is pushed. */
export interface PushedAlert {
  /** `alertname` among them. */
  readonly labels: Labels;
  readonly annotations: Labels;
  /** @default now, or since when it is known */
  readonly startsAtMs: number | undefined;
  /** @default now and the time after which a silent sender's alerts are over */
  readonly endsAtMs: number | undefined;
}

export interface PushedAlertsOptions {
  readonly ids: IdSource;
  readonly ladder: FindLadder;
  readonly resolveTimeoutMs: () => number;
}

const MOST_ALERTS = 100_000;
/** Ends are looked for at most this often. */
const CHECK_MS = 1000;

export class PushedAlerts {
  readonly #options: PushedAlertsOptions;
  #checkedAtMs = 0;

  constructor(options: PushedAlertsOptions) {
    this.#options = options;
  }

  /** What a push makes of the alerts there are. @throws BellwetherError `series_limit` for more than 100,000 alerts at once; then none is taken */
  take(book: AlertBook, pushed: readonly PushedAlert[], nowMs: number): RuleOutcome {
    const draft = new OutcomeDraft(PUSHED, book.alertsOf(PUSHED));
    const context = this.#context(book, nowMs);
    for (const one of pushed) step(draft, this.#merged(draft, one, nowMs), context);
    if (draft.size > MOST_ALERTS)
      throw new BellwetherError('series_limit', `There would be ${draft.size} pushed alerts; at most ${MOST_ALERTS} are kept`, {
        hint: 'Push fewer alerts, or let the sender group them.',
      });
    return draft.outcome();
  }

  /** Ends those whose end has come, escalates, and tells those that are no longer silenced. `undefined`: nothing of the kind, or not time yet. */
  evaluate(book: AlertBook, nowMs: number): RuleOutcome | undefined {
    const before = book.alertsOf(PUSHED);
    if (before.size === 0 || (nowMs >= this.#checkedAtMs && nowMs < this.#checkedAtMs + CHECK_MS)) return undefined;
    this.#checkedAtMs = nowMs;
    const draft = new OutcomeDraft(PUSHED, before);
    const context = this.#context(book, nowMs);
    for (const alert of before.values())
      step(draft, (alert.endsAtMs ?? 0) <= nowMs ? { ...alert, state: INACTIVE, updatedAtMs: nowMs } : alert, context);
    // Without a change each alert is the very one it was.
    return draft.hasChanges ? draft.outcome() : undefined;
  }

  #context(book: AlertBook, nowMs: number): TransitionContext {
    return { nowMs, ladder: this.#options.ladder, isMuted: (one) => book.isMuted(one, nowMs) };
  }

  #merged(known: OutcomeDraft, pushed: PushedAlert, nowMs: number): TrackedAlert {
    const { alertname = '', ...labels } = pushed.labels;
    const key = alertKey(alertname, labels);
    const before = known.get(key);
    const endsAtMs = pushed.endsAtMs ?? nowMs + this.#options.resolveTimeoutMs();
    const startsAtMs = Math.min(pushed.startsAtMs ?? nowMs, nowMs);
    const isOver = endsAtMs <= nowMs;
    return keptAlert(before, {
      id: before?.id ?? this.#options.ids(),
      key: before?.key ?? key,
      ruleId: PUSHED,
      metricName: alertname,
      labels: before?.labels ?? labels,
      group: PUSHED,
      annotations: pushed.annotations,
      threshold: 0,
      currentValue: 0,
      severity: severityOf(labels['severity']),
      message: messageOf(alertname, 1, pushed.annotations),
      cause: 'pushed',
      updatedAtMs: nowMs,
      endsAtMs,
      acknowledgedBy: before?.acknowledgedBy,
      escalationLevel: before?.escalationLevel ?? 0,
      climb: before?.climb,
      // The state object changes with the end, so that the new end is written.
      state: isOver ? INACTIVE : { phase: 'firing', firedAtMs: firedAtMs(before, nowMs), activeAtMs: startsAtMs },
      wasNotified: before?.wasNotified ?? false,
      ...(before?.toldSeverity === undefined ? {} : { toldSeverity: before.toldSeverity }),
    });
  }
}

function step(draft: OutcomeDraft, next: TrackedAlert, context: TransitionContext): void {
  const before = draft.get(next.key);
  // An end of what nobody knew.
  if (before === undefined && next.state.phase === 'inactive') return;
  draft.take(transition(before, next, context));
}

function firedAtMs(before: TrackedAlert | undefined, nowMs: number): number {
  return before !== undefined && 'firedAtMs' in before.state ? before.state.firedAtMs : nowMs;
}
