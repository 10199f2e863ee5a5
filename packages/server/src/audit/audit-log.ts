import { messageOf, type AuditRow, type Clock, type IdSource, type Logger, type StateStore } from '@bellwether/monitor/engine';

export interface AuditEvent {
  /** Name of the token, or the address of whoever had none. */
  readonly actor: string;
  readonly action: string;
  /** `done`, or the code of the problem it ended in. */
  readonly outcome: string;
  /** Plain data without secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

const DAMPING_MS = 60_000;
const MOST_DAMPED = 10_000;
const LARGEST_DETAIL = 4000;

/**
 * One line for each change and each refusal, in the state table and in the log. Equal refusals within a minute are one line, and the next
 * tells how many there were: nobody fills the disk by knocking.
 */
export class AuditLog {
  readonly #state: StateStore;
  readonly #clock: Clock;
  readonly #ids: IdSource;
  readonly #log: Logger;
  readonly #refusals = new Map<string, { sinceMs: number; held: number }>();

  constructor(parts: { readonly state: StateStore; readonly clock: Clock; readonly ids: IdSource; readonly log: Logger }) {
    this.#state = parts.state;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#log = parts.log;
  }

  /** Resolves when the line is on disk. Never rejects: a change that happened is not undone because its line could not be written. */
  async record(event: AuditEvent): Promise<void> {
    this.#log.info({ audit: event }, `${event.actor}: ${event.action}: ${event.outcome}`);
    const detail = JSON.stringify(event.detail);
    const row: AuditRow = {
      id: this.#ids(),
      at_ms: this.#clock.nowMs(),
      actor: event.actor.slice(0, 200),
      action: event.action.slice(0, 200),
      outcome: event.outcome,
      detail_json: detail.length > LARGEST_DETAIL ? JSON.stringify({ shortened: detail.slice(0, LARGEST_DETAIL) }) : detail,
    };
    try {
      await this.#state.transaction((tx) => tx.insertInto('audit').values(row).execute());
    } catch (error) {
      this.#log.error({ audit: event, error: messageOf(error) }, 'An audit line could not be written');
    }
  }

  /** As `record`, damped. */
  async refuse(event: AuditEvent): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const key = `${event.actor}\0${event.outcome}`;
    const known = this.#refusals.get(key);
    if (known !== undefined && nowMs - known.sinceMs < DAMPING_MS) {
      known.held++;
      return;
    }
    if (known === undefined && this.#refusals.size >= MOST_DAMPED) this.#refusals.clear();
    this.#refusals.set(key, { sinceMs: nowMs, held: 0 });
    const repeated = known?.held ?? 0;
    await this.record(repeated === 0 ? event : { ...event, detail: { ...event.detail, more_before: repeated } });
  }

  /** Newest first. */
  async recent(page: { readonly limit: number; readonly beforeMs?: number | undefined }): Promise<readonly AuditRow[]> {
    const all = this.#state.db.selectFrom('audit').selectAll().orderBy('at_ms', 'desc').limit(page.limit);
    return await (page.beforeMs === undefined ? all : all.where('at_ms', '<', page.beforeMs)).execute();
  }
}
