import { expect, test } from 'vitest';
import type { StateStore } from './state-store.ts';

const ROW = { key: 'a', value_json: '1', updated_at_ms: 1 };

/** What every state store must do. @param open a fresh, empty store. */
export function stateStoreContract(name: string, open: () => Promise<StateStore>): void {
  test(`contract: ${name} keeps what a transaction wrote`, async () => {
    await using state = await open();
    await state.transaction(async (tx) => void (await tx.insertInto('settings').values(ROW).execute()));
    expect(await state.db.selectFrom('settings').selectAll().where('key', '=', 'a').execute()).toEqual([ROW]);
  });

  test(`contract: ${name} keeps nothing of a transaction that failed`, async () => {
    await using state = await open();
    const failing = state.transaction(async (tx) => {
      await tx.insertInto('settings').values(ROW).execute();
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await state.db.selectFrom('settings').selectAll().where('key', '=', 'a').execute()).toEqual([]);
  });

  test(`contract: ${name} runs transactions one after another`, async () => {
    await using state = await open();
    await state.transaction(async (tx) => void (await tx.insertInto('settings').values(ROW).execute()));
    const increment = (): Promise<void> =>
      state.transaction(async (tx) => {
        const row = await tx.selectFrom('settings').select('value_json').where('key', '=', 'a').executeTakeFirstOrThrow();
        await Promise.resolve();
        await tx
          .updateTable('settings')
          .set({ value_json: String(Number(row.value_json) + 1) })
          .where('key', '=', 'a')
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    const row = await state.db.selectFrom('settings').select('value_json').where('key', '=', 'a').executeTakeFirstOrThrow();
    expect(row.value_json).toBe('21');
  });

  test(`contract: ${name} returns times as numbers`, async () => {
    await using state = await open();
    const atMs = Date.UTC(2100, 0, 1);
    await state.db
      .insertInto('audit')
      .values({ id: '1', at_ms: atMs, actor: 'a', action: 'b', outcome: 'ok', detail_json: '{}' })
      .execute();
    expect((await state.db.selectFrom('audit').select('at_ms').executeTakeFirstOrThrow()).at_ms).toBe(atMs);
  });
}
