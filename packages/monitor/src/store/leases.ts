import { sql } from 'kysely';
import type { StateStore } from './state-store.ts';

/**
 * Who alone may do a piece of work while several servers share the state, such as sending what waits for a channel. A lease is taken when it is
 * free, its own or over, and renewed by asking again; a server that dies loses its leases by itself. Time is the database's, so clocks of
 * servers need not agree. Between the answer and the end of the work a lease may pass to another, if the work takes longer than it lasts: whatever is
 * guarded by one must bear to be done twice.
 */
export interface Leases {
  /** Takes or renews the lease. One round trip; none where the state is not shared. @returns whether this server has it now */
  holds(name: string): Promise<boolean>;
  /** Lets others have what this server holds. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  /** How long a lease lasts without being renewed, in ms, > 0. */
  readonly lastsMs: number;
}

/** @throws BellwetherError `state_unavailable` from its methods */
export function createLeases(state: StateStore, { lastsMs }: LeaseOptions): Leases {
  const { server } = state;
  if (server === '') return { holds: async () => true, release: async () => {} };
  const nowMs = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  const expiresAtMs = sql<number>`${nowMs} + ${sql.lit(lastsMs)}`;
  return {
    async holds(name) {
      const taken = await state.db
        .insertInto('leases')
        .values({ name, owner: server, expires_at_ms: expiresAtMs, token: 1 })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({
              owner: server,
              expires_at_ms: expiresAtMs,
              token: sql<number>`leases.token + case when leases.owner = ${server} then 0 else 1 end`,
            })
            .where((row) => row.or([row('leases.owner', '=', server), row('leases.expires_at_ms', '<', nowMs)])),
        )
        .returning('token')
        .executeTakeFirst();
      return taken !== undefined;
    },
    async release() {
      await state.db.deleteFrom('leases').where('owner', '=', server).execute();
    },
  };
}
