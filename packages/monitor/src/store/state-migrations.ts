import type { Kysely } from 'kysely';
import type { StateTables } from './state-tables.ts';

type Db = Kysely<StateTables>;

async function createTables(db: Db): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('alerts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('labels_json', 'text', (c) => c.notNull())
    .addColumn('state_json', 'text', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('alert_history')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('alert_id', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('transition', 'text', (c) => c.notNull())
    .addColumn('detail_json', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('alert_history_by_time').on('alert_history').column('at_ms').execute();
  await schema.createIndex('alert_history_by_alert').on('alert_history').column('alert_id').execute();
  await schema
    .createTable('silences')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('matchers_json', 'text', (c) => c.notNull())
    .addColumn('starts_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('ends_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('author', 'text', (c) => c.notNull())
    .addColumn('comment', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('outbox')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('group_key', 'text', (c) => c.notNull())
    .addColumn('payload_json', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_attempt_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('delivered_at_ms', 'bigint')
    .addColumn('last_error', 'text')
    .execute();
  await schema.createIndex('outbox_due').on('outbox').columns(['status', 'next_attempt_at_ms']).execute();
  await schema.createIndex('outbox_by_time').on('outbox').column('created_at_ms').execute();
}

async function createAccessTables(db: Db): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('recommendations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('body_json', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('dashboards')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('body_json', 'text', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('tokens')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('sha256', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at_ms', 'bigint')
    .addColumn('revoked_at_ms', 'bigint')
    .execute();
  await schema
    .createTable('audit')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('detail_json', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('audit_by_time').on('audit').column('at_ms').execute();
}

const addOutboxReference = async (db: Db): Promise<void> => {
  await db.schema.alterTable('outbox').addColumn('reference', 'text').execute();
  await db.schema.createIndex('outbox_by_group').on('outbox').columns(['channel', 'group_key']).execute();
};

const createSettings = (db: Db): Promise<void> =>
  db.schema
    .createTable('settings')
    .ifNotExists()
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('value_json', 'text', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .execute();

async function createRuleGroups({ schema }: Db): Promise<void> {
  await schema
    .createTable('rule_groups')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('source_text', 'text', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .execute();
}

async function addSilenceTimes({ schema }: Db): Promise<void> {
  await schema.alterTable('silences').addColumn('times_json', 'text').execute();
}

async function createIncidents({ schema }: Db): Promise<void> {
  await schema
    .createTable('incidents')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('started_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('members_json', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('incidents_by_time').on('incidents').column('started_at_ms').execute();
}

/** For servers that share the state: whose an alert or incident is, and who does what only one may do. */
async function addServers({ schema }: Db): Promise<void> {
  for (const table of ['alerts', 'incidents'])
    await schema
      .alterTable(table)
      .addColumn('server', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
  await schema
    .createTable('leases')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('token', 'bigint', (c) => c.notNull())
    .execute();
}

async function addSentAs({ schema }: Db): Promise<void> {
  await schema.alterTable('outbox').addColumn('sent_as', 'text').execute();
}

async function createDeliveryParts({ schema }: Db): Promise<void> {
  await schema
    .createTable('delivery_parts')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('body_json', 'text', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('delivery_parts_key', ['kind', 'name'])
    .execute();
}

/** In order; the n-th brings the schema to version n. Never changed once released: add one at the end. */
const MIGRATIONS: readonly ((db: Db) => Promise<void>)[] = [
  createTables,
  createAccessTables,
  addOutboxReference,
  createRuleGroups,
  addSilenceTimes,
  createIncidents,
  addServers,
  addSentAs,
  createDeliveryParts,
];

const VERSION_KEY = 'schema_version';

/** A caller that brings a transaction wants all steps in it. */
async function inTransaction(db: Db, work: (tx: Db) => Promise<void>): Promise<void> {
  await (db.isTransaction ? work(db) : db.transaction().execute(work));
}

/** Brings the schema to the newest version, each step with its version number in one transaction. */
export async function migrate(db: Db, nowMs: number): Promise<void> {
  await createSettings(db);
  const row = await db.selectFrom('settings').select('value_json').where('key', '=', VERSION_KEY).executeTakeFirst();
  const version = row === undefined ? 0 : Number(JSON.parse(row.value_json));
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await inTransaction(db, async (tx) => {
      await step(tx);
      const setting = { key: VERSION_KEY, value_json: JSON.stringify(index + 1), updated_at_ms: nowMs };
      await tx
        .insertInto('settings')
        .values(setting)
        .onConflict((conflict) => conflict.column('key').doUpdateSet(setting))
        .execute();
    });
  }
}
