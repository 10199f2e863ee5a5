import type { Labels } from '../model/labels.ts';
import type { Severity } from '../model/severity.ts';
import type { Matcher } from '../store/sample-store.ts';
import type { OutboxRow } from '../store/state-tables.ts';
import type { Thresholds } from '../rules/thresholds.ts';

/** An alert that fires now. `message` is the contract's sentence; `threshold` the limit it crossed. */
export interface ActiveAlert {
  readonly id: string;
  readonly metricName: string;
  readonly labels: Labels;
  readonly threshold: number;
  readonly currentValue: number;
  readonly severity: Severity;
  readonly message: string;
  /** `static`: a configured limit is crossed. `learned`: only the learned one is. */
  readonly cause: 'static' | 'learned';
  readonly firedAtMs: number;
  readonly updatedAtMs: number;
  readonly acknowledgedBy: string | undefined;
  readonly silenced: boolean;
  /** Steps of the escalation ladder taken so far. */
  readonly escalationLevel: number;
}

/** A past or present alert from firing to resolution. */
export interface AlertRecord {
  readonly id: string;
  readonly metricName: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly message: string;
  readonly firedAtMs: number;
  readonly resolvedAtMs: number | undefined;
  readonly acknowledgedAtMs: number | undefined;
  readonly acknowledgedBy: string | undefined;
  /** Notifications sent for it, and those held back with the reason. */
  readonly notifications: number;
}

/** What an evaluation changed about one alert: it began to fire, its severity changed, it resolved, or nobody took it for too long. */
export interface AlertChange {
  readonly kind: 'fired' | 'changed' | 'resolved' | 'escalated';
  readonly alert: ActiveAlert;
  /** Whether anybody heard of the alert before this change: the end of one that nobody heard of is no news. */
  readonly wasNotified: boolean;
  readonly atMs: number;
}

/** An outbox row and the alerts it speaks of. */
export interface PlannedNotification {
  readonly row: OutboxRow;
  readonly alertIds: readonly string[];
}

/**
 * Turns changes into outbox rows, which alerting writes in the transaction of the transitions. Pure and synchronous; injected, so that
 * alerting knows nothing of channels.
 */
export type PlanNotifications = (changes: readonly AlertChange[]) => readonly PlannedNotification[];

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly author: string;
  readonly comment: string;
}

/** Rules, alert state, silences and history of one engine. Composed over the state store and the query engine. */
export interface Alerting extends AsyncDisposable {
  /** Replaced as a whole; takes effect at the next evaluation. @throws BellwetherError `threshold_invalid` */
  thresholds: Thresholds;
  /** Evaluates every rule at `nowMs`, commits transitions together with their notifications, and returns when both are on disk. */
  evaluate(nowMs: number): Promise<void>;
  /** Most severe first, then newest. */
  active(): readonly ActiveAlert[];
  history(filter: {
    readonly fromMs?: number;
    readonly toMs?: number;
    readonly metricName?: string;
    readonly limit: number;
  }): Promise<readonly AlertRecord[]>;
  /** Stops escalation. @throws BellwetherError `state_not_found` */
  acknowledge(alertId: string, by: string): Promise<void>;
  silences(): Promise<readonly Silence[]>;
  /** @throws BellwetherError `config_invalid` for an end not after the start, in the past, or matchers that match everything. */
  addSilence(silence: Omit<Silence, 'id'>): Promise<Silence>;
  /** Ends it now. @throws BellwetherError `state_not_found` */
  endSilence(id: string): Promise<void>;
}
