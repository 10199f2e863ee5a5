import type { Transaction } from 'kysely';
import type { IdSource } from '../../base/ids.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { IncidentRow, StateTables } from '../../store/state-tables.ts';
import type { ActiveAlert, AlertChange, IncidentPage } from '../alerting.ts';
import { belongsTo, type Incident, type IncidentMember } from './correlate.ts';
import { IncidentDraft } from './incident-draft.ts';

const KEPT_MS = 90 * 86_400_000;
/** A storm's members beyond this are counted in the history, not listed here. */
const MOST_MEMBERS = 1000;
/** Incidents in which new alerts are looked for. */
const MOST_OPEN = 200;

/** Incidents as they would be after a commit. */
export interface IncidentChanges {
  readonly open: ReadonlyMap<string, Incident>;
  readonly changed: readonly Incident[];
  /** Incidents of alerts that joined one, by the alert. */
  readonly joined: ReadonlyMap<string, string>;
}

function memberOf({ id, metricName, labels, severity, message, activeAtMs, firedAtMs }: ActiveAlert): IncidentMember {
  return { alertId: id, metricName, labels, severity, message, beganAtMs: activeAtMs ?? firedAtMs, endedAtMs: undefined };
}

function rowOf(incident: Incident): IncidentRow {
  const { id, startedAtMs, endedAtMs, members } = incident;
  return { id, started_at_ms: startedAtMs, ended_at_ms: endedAtMs ?? null, members_json: JSON.stringify(members) };
}

function incidentOf({ id, started_at_ms, ended_at_ms, members_json }: IncidentRow): Incident {
  const members = JSON.parse(members_json) as (Omit<IncidentMember, 'endedAtMs'> & { readonly endedAtMs?: number })[];
  return {
    id,
    startedAtMs: started_at_ms,
    endedAtMs: ended_at_ms ?? undefined,
    members: members.map((member) => ({ ...member, endedAtMs: member.endedAtMs })),
  };
}

/** Which incidents there are, and which alert belongs to which. Written with the alerts, in one transaction. */
export class IncidentBook {
  readonly #state: StateStore;
  readonly #ids: IdSource;
  #open: ReadonlyMap<string, Incident>;
  /** Open incidents by the alerts that are or were in them. */
  readonly #byAlert = new Map<string, string>();

  static async open(state: StateStore, ids: IdSource): Promise<IncidentBook> {
    const rows = await state.db
      .selectFrom('incidents')
      .selectAll()
      .where('ended_at_ms', 'is', null)
      .where('server', '=', state.server)
      .execute();
    return new IncidentBook(state, ids, new Map(rows.map((row) => [row.id, incidentOf(row)])));
  }

  private constructor(state: StateStore, ids: IdSource, open: ReadonlyMap<string, Incident>) {
    this.#state = state;
    this.#ids = ids;
    this.#open = open;
    for (const { id, members } of open.values()) for (const { alertId } of members) this.#byAlert.set(alertId, id);
  }

  /** What changes of alerts make of the incidents. Nothing is remembered before `adopt`. */
  after(changes: readonly AlertChange[], nowMs: number): IncidentChanges {
    const open = new Map<string, Incident>(this.#open);
    const drafts = new Map<string, IncidentDraft>();
    const joined = new Map<string, string>();
    const draftOf = (incident: Incident): IncidentDraft => {
      const draft = drafts.get(incident.id) ?? new IncidentDraft(incident);
      drafts.set(draft.id, draft);
      open.set(draft.id, draft);
      return draft;
    };
    for (const { kind, alert } of changes) {
      const known = open.get(joined.get(alert.id) ?? this.#byAlert.get(alert.id) ?? '');
      if (known !== undefined && kind === 'resolved') draftOf(known).end(alert.id, nowMs);
      else if (known !== undefined) draftOf(known).worsen(alert);
      if (known !== undefined || kind === 'resolved') continue;
      const member = memberOf(alert);
      const home = lately(open).find((incident) => incident.members.length < MOST_MEMBERS && belongsTo(incident, member));
      const draft = draftOf(home ?? { id: this.#ids(), startedAtMs: member.beganAtMs, endedAtMs: undefined, members: [] });
      draft.join(member);
      joined.set(alert.id, draft.id);
    }
    const changed = [...drafts.values()].map((draft) => draft.incident());
    for (const incident of changed) open.set(incident.id, incident);
    for (const [id, { endedAtMs }] of open) if (endedAtMs !== undefined) open.delete(id);
    return { open, changed, joined };
  }

  async write(tx: Transaction<StateTables>, { changed }: IncidentChanges, nowMs: number): Promise<void> {
    for (const incident of changed) {
      const row = { ...rowOf(incident), server: this.#state.server };
      await tx
        .insertInto('incidents')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
    }
    if (changed.length > 0)
      await tx
        .deleteFrom('incidents')
        .where('ended_at_ms', '<', nowMs - KEPT_MS)
        .execute();
  }

  /** Remembers what was written. */
  adopt({ open, changed, joined }: IncidentChanges): void {
    this.#open = open;
    for (const [alertId, id] of joined) this.#byAlert.set(alertId, id);
    for (const { id, members } of changed) if (!open.has(id)) for (const { alertId } of members) this.#byAlert.delete(alertId);
  }

  /** Newest first. @param filter `isOpen`: only those in which an alert fires. */
  async list({ isOpen, limit, offset = 0 }: IncidentPage): Promise<readonly Incident[]> {
    let query = this.#state.db.selectFrom('incidents').selectAll();
    if (isOpen) query = query.where('ended_at_ms', 'is', null);
    const rows = await query.orderBy('started_at_ms', 'desc').orderBy('id').limit(limit).offset(offset).execute();
    return rows.map(incidentOf);
  }

  async find(id: string): Promise<Incident | undefined> {
    const row = await this.#state.db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : incidentOf(row);
  }
}

/** Those in which new alerts are looked for, newest first. */
function lately(open: ReadonlyMap<string, Incident>): readonly Incident[] {
  return [...open.values()].slice(-MOST_OPEN).reverse();
}
