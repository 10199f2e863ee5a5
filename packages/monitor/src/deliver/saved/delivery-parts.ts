import { sql, type Kysely, type Transaction } from 'kysely';
import type { StateStore } from '../../store/state-store.ts';
import type { DeliveryPartRow, StateTables } from '../../store/state-tables.ts';

export type PartKind = DeliveryPartRow['kind'];

/** A channel, a route or a ladder that was saved over the API, in the form of the configuration file. */
export interface DeliveryPart {
  /** Of a route: its id. */
  readonly name: string;
  /** `undefined` when what is stored cannot be read. */
  readonly body: unknown;
}

/** All that was saved, each kind in its order. */
export type DeliveryParts = Readonly<Record<PartKind, readonly DeliveryPart[]>>;

export const NO_PARTS: DeliveryParts = { channel: [], route: [], ladder: [] };

export const PART_KINDS = Object.keys(NO_PARTS) as readonly PartKind[];

function bodyOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function rowsOf(db: Kysely<StateTables>): Promise<DeliveryPartRow[]> {
  return db.selectFrom('delivery_parts').selectAll().orderBy('kind').orderBy('position').orderBy('name').execute();
}

function partsOf(rows: readonly DeliveryPartRow[]): DeliveryParts {
  const ofKind = (kind: PartKind): DeliveryPart[] =>
    rows.filter((row) => row.kind === kind).map(({ name, body_json }) => ({ name, body: bodyOf(body_json) }));
  return { channel: ofKind('channel'), route: ofKind('route'), ladder: ofKind('ladder') };
}

/** @throws BellwetherError `state_unavailable` */
export async function readParts({ db }: StateStore): Promise<DeliveryParts> {
  return partsOf(await rowsOf(db));
}

/** A few digits that differ when any part has changed. @throws BellwetherError `state_unavailable` */
export async function fingerprintOf({ db }: StateStore): Promise<string> {
  const { parts, total } = await db
    .selectFrom('delivery_parts')
    .select([sql<number>`count(*)`.as('parts'), sql<number>`coalesce(sum(updated_at_ms), 0)`.as('total')])
    .executeTakeFirstOrThrow();
  return `${parts}/${total}`;
}

/**
 * Puts other parts in the place of those there are, all or nothing, over what any server that shares the state wrote last.
 * @param change Gives the parts as they shall be; those whose `body` is the very one it was are not written. May throw: then nothing has changed.
 * @returns the parts as they are now
 * @throws what `change` throws; BellwetherError `state_unavailable` | `state_conflict`
 */
export function changeParts(state: StateStore, nowMs: number, change: (parts: DeliveryParts) => DeliveryParts): Promise<DeliveryParts> {
  return state.transaction(async (tx) => {
    const rows = await rowsOf(tx);
    const before = partsOf(rows);
    const after = change(before);
    const stampMs = rows.reduce((latest, { updated_at_ms }) => Math.max(latest, updated_at_ms + 1), nowMs);
    for (const kind of PART_KINDS) await writeKind(tx, { kind, before: before[kind], after: after[kind], stampMs });
    return after;
  });
}

async function writeKind(
  tx: Transaction<StateTables>,
  { kind, before, after, stampMs }: Readonly<Record<'before' | 'after', readonly DeliveryPart[]>> & { kind: PartKind; stampMs: number },
): Promise<void> {
  const isKept = ({ name }: DeliveryPart): boolean => after.some((part) => part.name === name);
  for (const { name } of before.filter((part) => !isKept(part)))
    await tx.deleteFrom('delivery_parts').where('kind', '=', kind).where('name', '=', name).execute();
  for (const [position, { name, body }] of after.entries()) {
    const known = before.findIndex((part) => part.name === name);
    const isSame = known !== -1 && before[known]?.body === body;
    if (isSame && known === position) continue;
    const written = { position, updated_at_ms: stampMs, ...(isSame ? {} : { body_json: JSON.stringify(body) }) };
    if (known === -1)
      await tx
        .insertInto('delivery_parts')
        .values({ kind, name, body_json: JSON.stringify(body), ...written })
        .execute();
    else await tx.updateTable('delivery_parts').set(written).where('kind', '=', kind).where('name', '=', name).execute();
  }
}
