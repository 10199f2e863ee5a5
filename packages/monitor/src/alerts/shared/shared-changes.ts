import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { StateStore } from '../../store/state-store.ts';
import { compileSilence, silenceOfRow, type CompiledSilence } from '../mutes/silences.ts';
import type { AlertBook } from '../state/alert-book.ts';
import type { TransitionDetail } from '../state/alert-history.ts';
import { alertOf } from '../state/tracked-alert.ts';

export interface SharedChangesOptions {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly book: AlertBook;
  /** Takes the rule groups that are saved now. */
  readonly rereadRules: () => Promise<void>;
}

/** What there is of each kind, in a few digits that differ when something has changed. */
interface Fingerprints {
  readonly silences: string;
  readonly alerts: string;
  readonly acknowledgements: string;
  readonly rules: string;
  readonly outbox: string;
}

/** Acknowledgements are looked for among those of this time. */
const LOOK_BACK_MS = 3_600_000;
const ROWS_AT_ONCE = 500;

/** Silences that hold or will. */
export async function readSilences({ db }: StateStore, nowMs: number): Promise<CompiledSilence[]> {
  const rows = await db.selectFrom('silences').selectAll().where('ends_at_ms', '>', nowMs).execute();
  return rows.map((row) => compileSilence(silenceOfRow(row)));
}

/**
 * Follows what other servers write into the shared state. Each look is one query over counts and sums; only what differs from the last look is read.
 * Not notifications of the database: they are lost with a connection, so that one had to look anyway.
 */
export class SharedChanges {
  readonly #with: SharedChangesOptions;
  #last: Partial<Fingerprints> = {};

  constructor(options: SharedChangesOptions) {
    this.#with = options;
  }

  /** Nothing interleaves with it. @returns whether what waits to be sent has changed */
  async take(): Promise<boolean> {
    const { state, clock, book, rereadRules } = this.#with;
    if (state.server === '') return false;
    const nowMs = clock.nowMs();
    const last = this.#last;
    const now = await this.#look(nowMs);
    if (now.silences !== last.silences) book.silences = await readSilences(state, nowMs);
    if (now.alerts !== last.alerts) {
      const rows = await state.db.selectFrom('alerts').selectAll().where('server', '!=', state.server).execute();
      book.others = rows.map(alertOf);
    }
    if (now.acknowledgements !== last.acknowledgements) await this.#takeAcknowledgements(nowMs);
    if (now.rules !== last.rules) await rereadRules();
    this.#last = now;
    return now.outbox !== last.outbox;
  }

  async #look(nowMs: number): Promise<Fingerprints> {
    const { state } = this.#with;
    const { rows } = await sql<Fingerprints>`select
      (select count(*) || '/' || coalesce(sum(ends_at_ms), 0) || '/' || coalesce(sum(created_at_ms), 0) from silences) as silences,
      (select count(*) || '/' || coalesce(sum(updated_at_ms), 0) from alerts where server <> ${state.server}) as alerts,
      (select count(*)::text from alert_history where at_ms > ${nowMs - LOOK_BACK_MS} and transition = 'acknowledged') as acknowledgements,
      (select count(*) || '/' || coalesce(sum(updated_at_ms), 0) from rule_groups) as rules,
      (select count(*) || '/' || coalesce(max(created_at_ms), 0) from outbox where status = 'waiting') as outbox`.execute(state.db);
    return rows[0] as Fingerprints;
  }

  async #takeAcknowledgements(nowMs: number): Promise<void> {
    const { state, book } = this.#with;
    const mine = new Map([...book.unacknowledged()].map((alert) => [alert.id, alert]));
    const ids = [...mine.keys()];
    for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
      const rows = await state.db
        .selectFrom('alert_history')
        .select(['alert_id', 'detail_json'])
        .where('alert_id', 'in', ids.slice(from, from + ROWS_AT_ONCE))
        .where('transition', '=', 'acknowledged')
        .execute();
      for (const { alert_id, detail_json } of rows) {
        const alert = mine.get(alert_id);
        const { by } = JSON.parse(detail_json) as TransitionDetail;
        if (alert !== undefined && by !== undefined) await book.takeAcknowledgement(alert, by, nowMs);
      }
    }
  }
}
