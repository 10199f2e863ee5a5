import { SEVERITIES, type Severity, type SeverityBreakdown } from '../../model/severity.ts';
import { isActive } from './next-state.ts';
import type { TrackedAlert } from './tracked-alert.ts';

/** Which alerts are wanted of an ordered list. */
export interface ActiveWindow {
  /** @default all */
  readonly severity?: Severity | undefined;
  /** Alerts left out at the beginning. @default 0 */
  readonly offset?: number;
}

const MOST_SEVERE_FIRST: readonly Severity[] = SEVERITIES.toReversed();

/**
 * The alerts that fire, so that a page of them costs the page: counts by severity are kept, and the order (most severe first, then newest) is
 * one list of ids a severity, made anew only when an alert joined or left it. An alert whose value alone changed keeps its place.
 */
export class ActiveIndex {
  readonly #byId = new Map<string, TrackedAlert>();
  readonly #counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  readonly #order = new Map<Severity, readonly string[]>();

  get size(): number {
    return this.#byId.size;
  }
  get counts(): SeverityBreakdown {
    return { ...this.#counts };
  }

  get(id: string): TrackedAlert | undefined {
    return this.#byId.get(id);
  }

  /** Takes an alert in place of the one with its id; one that does not fire leaves. */
  put(alert: TrackedAlert): void {
    const known = this.#byId.get(alert.id);
    if (!isActive(alert.state)) return this.delete(alert.id);
    this.#byId.set(alert.id, alert);
    if (known?.severity === alert.severity && firedAtMs(known) === alert.state.firedAtMs) return;
    if (known !== undefined) this.#leave(known.severity);
    this.#counts[alert.severity]++;
    this.#order.delete(alert.severity);
  }

  delete(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    this.#leave(known.severity);
  }

  /** The ids at this moment: what is walked slowly may lose some on the way. */
  ids({ severity, offset = 0 }: ActiveWindow = {}): readonly string[] {
    const severities = severity === undefined ? MOST_SEVERE_FIRST : [severity];
    const filled = severities.filter((one) => this.#counts[one] > 0);
    const [only, ...others] = filled.map((one) => this.#ordered(one));
    return (others.length === 0 ? (only ?? []) : (only ?? []).concat(...others)).slice(offset);
  }

  /** @throws Error if a count or an order does not agree with the alerts. For tests. */
  checkInvariants(): void {
    for (const severity of SEVERITIES) {
      const alerts = [...this.#byId.values()].filter((alert) => alert.severity === severity);
      if (alerts.length !== this.#counts[severity])
        throw new Error(`${this.#counts[severity]} ${severity} alerts are counted, there are ${alerts.length}`);
      const times = this.#ordered(severity).map((id) => firedAtMs(this.#byId.get(id)));
      if (times.length !== alerts.length) throw new Error(`${times.length} of ${alerts.length} ${severity} alerts are listed`);
      if (times.some((time, i) => i > 0 && time > (times[i - 1] ?? 0))) throw new Error(`${severity} alerts are not listed newest first`);
    }
  }

  #leave(severity: Severity): void {
    this.#counts[severity]--;
    this.#order.delete(severity);
  }

  #ordered(severity: Severity): readonly string[] {
    const known = this.#order.get(severity);
    if (known !== undefined) return known;
    const alerts: TrackedAlert[] = [];
    for (const alert of this.#byId.values()) if (alert.severity === severity) alerts.push(alert);
    const ids = alerts.sort((one, other) => firedAtMs(other) - firedAtMs(one)).map(({ id }) => id);
    this.#order.set(severity, ids);
    return ids;
  }
}

function firedAtMs(alert: TrackedAlert | undefined): number {
  return alert !== undefined && isActive(alert.state) ? alert.state.firedAtMs : Number.NaN;
}
