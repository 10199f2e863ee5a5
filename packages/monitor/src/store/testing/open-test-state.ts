import type { Clock } from '../../base/clock.ts';
import { openPostgresStateStore } from '../postgres/state-store-postgres.ts';
import { openSqliteStateStore } from '../state-store-sqlite.ts';
import type { StateStore } from '../state-store.ts';

/** Makes an empty database; set by suites that run on a real PostgreSQL. */
let freshUrl: (() => Promise<string>) | undefined;
export function usePostgres(makeUrl: () => Promise<string>): void {
  freshUrl = makeUrl;
}

/** Empty state for a test: in memory, or in a database of its own on the PostgreSQL that the suite chose. */
export async function openTestState(clock: Clock): Promise<StateStore> {
  return freshUrl === undefined
    ? await openSqliteStateStore({ path: ':memory:', clock })
    : await openPostgresStateStore({ url: await freshUrl(), clock, server: 'test' });
}
