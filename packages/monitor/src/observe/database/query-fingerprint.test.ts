import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprint } from './query-fingerprint.ts';

test.each([
  ["SELECT * FROM users WHERE name = 'O''Brien' AND age > 42", 'SELECT * FROM users WHERE name = ? AND age > ?', 'select'],
  ['select  a,\n  b -- why\nfrom t1 /* all */ where x = 0xFF', 'select a, b from t1 where x = ?', 'select'],
  ['SELECT * FROM t WHERE id IN (1, 2, 3)', 'SELECT * FROM t WHERE id IN (?, …)', 'select'],
  ['SELECT * FROM t WHERE id IN ($1, $2)', 'SELECT * FROM t WHERE id IN (?, …)', 'select'],
  ["INSERT INTO t VALUES (1, 'a'), (2, 'b');", 'INSERT INTO t VALUES (?, …)', 'insert'],
  ['WITH x AS (SELECT 1) UPDATE t SET a = $1', 'WITH x AS (SELECT ?) UPDATE t SET a = $1', 'update'],
  ['SELECT "col 1" FROM `t 2` WHERE a = $tag$secret$tag$', 'SELECT "col 1" FROM `t 2` WHERE a = ?', 'select'],
  ["SELECT E'a\\'b', -1.5e10", 'SELECT ?, -?', 'select'],
  ['', '(empty)', 'other'],
])('%s', (sql, query, operation) => expect(fingerprint(sql)).toEqual({ query, operation }));

test('double quotes are strings where the database says so', () => {
  const sql = 'SELECT "a" FROM t WHERE name = "O\'Brien"';
  expect(fingerprint(sql, { doubleQuotesAreStrings: true }).query).toBe('SELECT ? FROM t WHERE name = ?');
});

test('a long statement is cut to 200 characters', () => {
  const { query } = fingerprint(`SELECT ${'column_name, '.repeat(100_000)} x`);
  expect(query).toHaveLength(200);
});

test('an unclosed literal hides everything after it', () => {
  expect(fingerprint("SELECT 'secret and more").query).toBe('SELECT ?');
});

test('property: nothing within a quoted literal comes through', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      const { query } = fingerprint(`SELECT a FROM t WHERE b = 'MARK${text.replaceAll('\\', '').replaceAll("'", "''")}MARK' AND c = 1`);
      expect(query).toBe('SELECT a FROM t WHERE b = ? AND c = ?');
    }),
  );
});
