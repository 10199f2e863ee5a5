import type { StateStore } from '../../store/state-store.ts';
import type { OutboxRow } from '../../store/state-tables.ts';
import type { DeliveryRecord } from '../channel.ts';
import { combine, parseStored, type StoredNotification, type WaitingNotification } from './stored-notification.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;
const LONGEST_ERROR = 500;
const CHANNEL_GONE = 'The channel is no longer configured';
/** SQLite takes 32,766 variables a statement; the backlog of a long outage is longer. */
const MOST_VARIABLES = 10_000;

/** Endings of the keys of rows that do not wait for the rest of their group: nobody took an alert in time, or it is told again. */
const FOLLOW_UPS = { escalation: '#escalation', repeat: '#repeat' } as const;

/** The key of rows that follow up on a group. */
export function followUpKey(groupKey: string, kind: keyof typeof FOLLOW_UPS): string {
  return `${groupKey}${FOLLOW_UPS[kind]}`;
}
export function isFollowUp(key: string): boolean {
  return Object.values(FOLLOW_UPS).some((ending) => key.endsWith(ending));
}
export function isRepetition(key: string): boolean {
  return key.endsWith(FOLLOW_UPS.repeat);
}
/** The group's own key, as receivers know it. */
export function groupKeyOf(key: string): string {
  return key.replace(/#(?:escalation|repeat)$/, '');
}
function keysOfGroup(groupKey: string): string[] {
  return [groupKey, followUpKey(groupKey, 'escalation'), followUpKey(groupKey, 'repeat')];
}

/** A waiting row without its payload. */
export type WaitingRow = Pick<OutboxRow, 'id' | 'channel' | 'group_key' | 'attempts' | 'next_attempt_at_ms' | 'created_at_ms' | 'sent_as'>;

/** What a group says again when nothing has changed by then. */
export interface Repetition {
  readonly atMs: number;
  readonly notification: StoredNotification;
}

/** What a group was told, and when. */
export interface Told extends StoredNotification {
  readonly groupKey: string;
  readonly atMs: number;
}

/** The SQL of the outbox. Rows are written by alerting; here they are read and their fate is recorded. */
export class Outbox {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** Oldest first. */
  waiting(channel: string): Promise<WaitingRow[]> {
    return this.#state.db
      .selectFrom('outbox')
      .select(['id', 'channel', 'group_key', 'attempts', 'next_attempt_at_ms', 'created_at_ms', 'sent_as'])
      .where('status', '=', 'waiting')
      .where('channel', '=', channel)
      .orderBy('created_at_ms')
      .execute();
  }

  /** Oldest first. Rows that cannot be read become dead letters, so that they do not stop their channel. */
  async load(rows: readonly WaitingRow[]): Promise<WaitingNotification[]> {
    const loaded = [];
    for (const ids of portions(idsOf(rows)))
      loaded.push(
        await this.#state.db
          .selectFrom('outbox')
          .select(['id', 'group_key', 'created_at_ms', 'payload_json'])
          .where('id', 'in', ids)
          .execute(),
      );
    const unreadable: string[] = [];
    const readable = inOrder(loaded.flat()).flatMap((row) => {
      const stored = tryParse(row.payload_json);
      if (stored === undefined) unreadable.push(row.id);
      return stored === undefined ? [] : [{ ...stored, id: row.id, groupKey: groupKeyOf(row.group_key), createdAtMs: row.created_at_ms }];
    });
    if (unreadable.length > 0) await this.#bury(unreadable, 'The stored message cannot be read');
    return readable;
  }

  /** What the receiver calls the message that opened the group on the channel; `undefined` when the group has ended since. */
  async reference(channel: string, groupKey: string): Promise<string | undefined> {
    const row = await this.#state.db
      .selectFrom('outbox')
      .select('reference')
      .where('channel', '=', channel)
      .where('group_key', 'in', keysOfGroup(groupKey))
      .where('status', '=', 'delivered')
      .orderBy('delivered_at_ms', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.reference ?? undefined;
  }

  /** What these groups were told on the channel since then, oldest first. */
  async told(channel: string, groupKeys: readonly string[], sinceMs: number): Promise<Told[]> {
    const rows = [];
    for (const keys of portions(groupKeys.flatMap(keysOfGroup)))
      rows.push(
        await this.#state.db
          .selectFrom('outbox')
          .select(['group_key', 'delivered_at_ms', 'created_at_ms', 'payload_json'])
          .where('created_at_ms', '>=', sinceMs - DAY_MS)
          .where('channel', '=', channel)
          .where('group_key', 'in', keys)
          .where('delivered_at_ms', '>=', sinceMs)
          .execute(),
      );
    return inOrder(rows.flat()).flatMap((row) => {
      const stored = tryParse(row.payload_json);
      return stored === undefined ? [] : [{ ...stored, groupKey: groupKeyOf(row.group_key), atMs: row.delivered_at_ms ?? 0 }];
    });
  }

  /** What a group had to say and nobody wanted to hear: alerts that began and ended in quiet hours, say. */
  async untold(channel: string, groupKey: string): Promise<readonly StoredNotification[]> {
    const rows = await this.#state.db
      .selectFrom('outbox')
      .select('payload_json')
      .where('channel', '=', channel)
      .where('group_key', '=', groupKey)
      .where('status', '=', 'superseded')
      .where('delivered_at_ms', 'is', null)
      .execute();
    return rows.flatMap((row) => tryParse(row.payload_json) ?? []);
  }

  /**
   * The rows are about to leave as one message. Should the process die before it knows what became of it, they leave as that message again, under
   * its id and with nothing added.
   */
  async markSending(rows: readonly WaitingRow[]): Promise<void> {
    const sentAs = rows.at(-1)?.id ?? '';
    if (rows.every(({ sent_as }) => sent_as === sentAs)) return;
    await this.#state.transaction(async (tx) => {
      for (const ids of portions(idsOf(rows))) await tx.updateTable('outbox').set({ sent_as: sentAs }).where('id', 'in', ids).execute();
    });
  }

  /** One message spoke for all of the rows; the newest gave it its id. A repetition of a group that waited is void, the next one is put in line. */
  async markDelivered(
    rows: readonly WaitingRow[],
    told: { readonly nowMs: number; readonly reference: string | undefined; readonly repetition?: Repetition | undefined },
  ): Promise<void> {
    const { nowMs, reference, repetition } = told;
    const newest = rows.at(-1)?.id;
    const repeatKeys = [...new Set(rows.map((row) => followUpKey(groupKeyOf(row.group_key), 'repeat')))];
    await this.#state.transaction(async (tx) => {
      for (const keys of portions(repeatKeys))
        await tx
          .deleteFrom('outbox')
          .where('status', '=', 'waiting')
          .where('channel', '=', rows[0]?.channel ?? '')
          .where('group_key', 'in', keys)
          .where('id', 'not in', idsOf(rows).slice(-1))
          .execute();
      if (repetition !== undefined && rows.length > 0)
        await tx
          .insertInto('outbox')
          .values(rowOfRepetition(rows, repetition, nowMs))
          .execute();
      const settled = { status: 'superseded' as const, delivered_at_ms: nowMs, last_error: null };
      for (const ids of portions(idsOf(rows))) await tx.updateTable('outbox').set(settled).where('id', 'in', ids).execute();
      await tx
        .updateTable('outbox')
        .set({ status: 'delivered', reference: reference ?? null })
        .where('id', '=', newest ?? '')
        .execute();
      await tx
        .deleteFrom('outbox')
        .where('created_at_ms', '<', nowMs - KEPT_MS)
        .where('status', 'in', ['delivered', 'superseded'])
        .execute();
    });
  }

  /** The rows hold nothing that the channel has not heard. */
  async markWithoutNews(rows: readonly WaitingRow[]): Promise<void> {
    await this.#state.transaction(async (tx) => {
      for (const ids of portions(idsOf(rows)))
        await tx.updateTable('outbox').set({ status: 'superseded' }).where('id', 'in', ids).execute();
    });
  }

  async markFailed(
    rows: readonly WaitingRow[],
    failure: { readonly attempts: number; readonly error: string; readonly nextAttemptAtMs: number; readonly permanent: boolean },
  ): Promise<void> {
    const fate = {
      status: failure.permanent ? ('dead' as const) : ('waiting' as const),
      attempts: failure.attempts,
      next_attempt_at_ms: Math.round(failure.nextAttemptAtMs),
      last_error: failure.error.slice(0, LONGEST_ERROR),
      sent_as: null,
    };
    await this.#state.transaction(async (tx) => {
      for (const ids of portions(idsOf(rows))) await tx.updateTable('outbox').set(fate).where('id', 'in', ids).execute();
    });
  }

  /** Rows of channels that are no longer configured can only wait in vain. */
  async buryOrphans(channels: readonly string[]): Promise<void> {
    await this.#state.db
      .updateTable('outbox')
      .set({ status: 'dead', last_error: CHANNEL_GONE })
      .where('status', '=', 'waiting')
      .where('channel', 'not in', channels.length === 0 ? [''] : channels)
      .execute();
  }

  /** As `buryOrphans`, of channels that are gone for every server that shares the state. */
  async buryChannels(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return;
    // After the transactions that were begun before: they may write messages for these channels.
    await this.#state.transaction((tx) =>
      tx
        .updateTable('outbox')
        .set({ status: 'dead', last_error: CHANNEL_GONE })
        .where('status', '=', 'waiting')
        .where('channel', 'in', channels)
        .execute(),
    );
  }

  async #bury(ids: readonly string[], reason: string): Promise<void> {
    for (const some of portions(ids))
      await this.#state.db.updateTable('outbox').set({ status: 'dead', last_error: reason }).where('id', 'in', some).execute();
  }

  async replay(channel: string, nowMs: number): Promise<number> {
    const { numUpdatedRows } = await this.#state.db
      .updateTable('outbox')
      .set({ status: 'waiting', next_attempt_at_ms: nowMs })
      .where('status', '=', 'dead')
      .where('channel', '=', channel)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }

  /** Newest first. @param offset Newer ones that are left out. */
  async recent(limit: number, offset = 0): Promise<DeliveryRecord[]> {
    const newest = this.#state.db.selectFrom('outbox').selectAll().orderBy('created_at_ms', 'desc').orderBy('id', 'desc');
    const rows = await newest.limit(limit).offset(offset).execute();
    return rows.map((row) => ({
      id: row.id,
      channel: row.channel,
      groupKey: row.group_key,
      title: titleOf(row),
      status: row.status,
      attempts: row.attempts,
      createdAtMs: row.created_at_ms,
      deliveredAtMs: row.delivered_at_ms ?? undefined,
      lastError: row.last_error ?? undefined,
    }));
  }
}

/** Its id is that of the message with a number behind, so that a repetition of a repetition has one of its own. */
function rowOfRepetition(rows: readonly WaitingRow[], { atMs, notification }: Repetition, nowMs: number): OutboxRow {
  const newest = rows.at(-1) as WaitingRow;
  const [, first = newest.id, count = '0'] = /^(.*)~(\d+)$/.exec(newest.id) ?? [];
  return {
    id: `${first}~${Number(count) + 1}`,
    channel: newest.channel,
    group_key: followUpKey(groupKeyOf(newest.group_key), 'repeat'),
    payload_json: JSON.stringify({ ...notification, reason: 'repeat' }),
    status: 'waiting',
    attempts: 0,
    next_attempt_at_ms: Math.round(atMs),
    created_at_ms: nowMs,
    delivered_at_ms: null,
    last_error: null,
  };
}

function tryParse(json: string): StoredNotification | undefined {
  try {
    return parseStored(json);
  } catch {
    return undefined;
  }
}

function titleOf({
  id,
  group_key,
  created_at_ms,
  payload_json,
}: Pick<OutboxRow, 'id' | 'group_key' | 'created_at_ms' | 'payload_json'>): string {
  const stored = tryParse(payload_json);
  if (stored === undefined) return 'A message that cannot be read';
  return combine([{ ...stored, id, groupKey: groupKeyOf(group_key), createdAtMs: created_at_ms }], false).title;
}

function idsOf(rows: readonly WaitingRow[]): string[] {
  return rows.map(({ id }) => id);
}

function portions<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / MOST_VARIABLES) }, (_, i) => all.slice(i * MOST_VARIABLES, (i + 1) * MOST_VARIABLES));
}

/** Oldest first, over all portions; what came at one moment in the order in which it was told. */
function inOrder<T extends { readonly created_at_ms: number; readonly delivered_at_ms?: number | null }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => a.created_at_ms - b.created_at_ms || (a.delivered_at_ms ?? 0) - (b.delivered_at_ms ?? 0));
}
