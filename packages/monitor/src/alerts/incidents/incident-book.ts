import type { Transaction } from 'kysely';
import type { IdSource } from '../../base/ids.ts';
import { severityRank } from '../../model/severity.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { IncidentRow, StateTables } from '../../store/state-tables.ts';
import type { ActiveAlert, AlertChange } from '../alerting.ts';
import { belongsTo, type Incident, type IncidentMember } from './correlate.ts';

const KEPT_MS = 90 * 86_400_000;
/** A storm's members beyond this are counted in the history, not listed here. */
const MOST_MEMBERS = 1000;
/** Incidents in which new alerts are looked for. */
const MOST_OPEN = 200;

/** Incidents as they would be after a commit. */
export interface IncidentChanges {
  readonly open: ReadonlyMap<string, Incident>;
  readonly changed: readonly Incident[];
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
  }

  /** What changes of alerts make of the incidents. Nothing is remembered before `adopt`. */
  after(changes: readonly AlertChange[], nowMs: number): IncidentChanges {
    const open = new Map(this.#open);
    const changed = new Map<string, Incident>();
    const put = (incident: Incident): void => {
      open.set(incident.id, incident);
      changed.set(incident.id, incident);
    };
    const byAlert = new Map(
      [...open.values()].flatMap((incident) => incident.members.map(({ alertId }) => [alertId, incident.id] as const)),
    );
    for (const { kind, alert } of changes) {
      const known = open.get(byAlert.get(alert.id) ?? '');
      if (kind === 'resolved') {
        if (known !== undefined) put(withEnd(known, alert.id, nowMs));
        continue;
      }
      if (known !== undefined) {
        put(withSeverity(known, alert));
        continue;
      }
      const member = memberOf(alert);
      const candidates = [...open.values()].slice(-MOST_OPEN).reverse();
      const home = candidates.find((incident) => incident.members.length < MOST_MEMBERS && belongsTo(incident, member));
      const incident =
        home === undefined
          ? { id: this.#ids(), startedAtMs: member.beganAtMs, endedAtMs: undefined, members: [member] }
          : { ...home, startedAtMs: Math.min(home.startedAtMs, member.beganAtMs), members: [...home.members, member] };
      put(incident);
      byAlert.set(alert.id, incident.id);
    }
    for (const [id, { endedAtMs }] of open) if (endedAtMs !== undefined) open.delete(id);
    return { open, changed: [...changed.values()] };
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
  adopt({ open }: IncidentChanges): void {
    this.#open = open;
  }

  /** Newest first. @param filter `isOpen`: only those in which an alert fires. */
  async list({ isOpen, limit }: { readonly isOpen: boolean; readonly limit: number }): Promise<readonly Incident[]> {
    let query = this.#state.db.selectFrom('incidents').selectAll();
    if (isOpen) query = query.where('ended_at_ms', 'is', null);
    const rows = await query.orderBy('started_at_ms', 'desc').limit(limit).execute();
    return rows.map(incidentOf);
  }

  async find(id: string): Promise<Incident | undefined> {
    const row = await this.#state.db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : incidentOf(row);
  }
}

function withEnd(incident: Incident, alertId: string, nowMs: number): Incident {
  const members = incident.members.map((member) => (member.alertId === alertId ? { ...member, endedAtMs: nowMs } : member));
  const isOver = members.every(({ endedAtMs }) => endedAtMs !== undefined);
  return { ...incident, members, endedAtMs: isOver ? nowMs : undefined };
}

function withSeverity(incident: Incident, { id, severity, message }: ActiveAlert): Incident {
  const members = incident.members.map((member) =>
    member.alertId === id && severityRank(severity) > severityRank(member.severity) ? { ...member, severity, message } : member,
  );
  return { ...incident, members };
}
