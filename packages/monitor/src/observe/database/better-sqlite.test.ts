import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { createRegistry } from '../../instruments/registry.ts';
import { observeBetterSqlite } from './sqlite.ts';

/** The face of better-sqlite3, whose statements are of a class it does not export. The package itself compiles at install, so it is not had here. */
class Statement {
  run(): object {
    return { changes: 2, lastInsertRowid: 1 };
  }
  get(): object | undefined {
    return { a: 1 };
  }
  all(): object[] {
    throw new Error('no such table: nowhere');
  }
  *iterate(): Generator<object> {
    yield { a: 1 };
    yield { a: 2 };
    yield { a: 3 };
  }
}
class Database {
  prepare(_sql: string): Statement {
    return new Statement();
  }
  exec(_sql: string): this {
    return this;
  }
}

test('statements of better-sqlite3 are measured by text, with rows and failures, until disposed of', async () => {
  console.warn('better-sqlite3: compiles at install, so its face is tested and not the package.');
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const { prepare } = Database.prototype;
  const observed = observeBetterSqlite(registry, Database, { clock });
  const database = new Database();
  expect(database.exec('PRAGMA a = 1')).toBe(database);
  expect(database.prepare('INSERT 1').run()).toEqual({ changes: 2, lastInsertRowid: 1 });
  expect(() => database.prepare('SELECT * FROM nowhere').all()).toThrow('no such table');
  for (const _ of database.prepare('SELECT 2').iterate()) break;
  const kept = database.prepare('SELECT 3');
  observed[Symbol.dispose]();
  kept.get();
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  const found = new Map(
    [...(batch?.slots ?? [])].map((slot, i) => [
      `${batch?.newSeries[slot]?.name} ${batch?.newSeries[slot]?.labels['query']}`,
      batch?.values[i],
    ]),
  );
  expect(found.get('database_query_time_count PRAGMA a = ?')).toBe(1);
  expect(found.get('database_rows_total INSERT ?')).toBe(2);
  expect(found.get('database_errors_total SELECT * FROM nowhere')).toBe(1);
  expect(found.get('database_rows_total SELECT ?')).toBe(1);
  expect(found.get('database_query_time_count SELECT ?')).toBe(1);
  expect(Database.prototype.prepare).toBe(prepare);
});
