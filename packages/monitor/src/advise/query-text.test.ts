import { expect, it } from 'vitest';
import { columnsSearched } from './query-text.ts';

it('an index wants equality first, then the order, then ranges', () => {
  expect(columnsSearched('SELECT * FROM trades WHERE created_at > ? AND market_id = ? ORDER BY price DESC LIMIT ?')).toEqual({
    table: 'trades',
    columns: ['market_id', 'price', 'created_at'],
  });
});

it('qualified and quoted names lose their ornaments', () => {
  expect(columnsSearched('select t.id from "trades" t where t.user_id = $1')).toEqual({ table: 'trades', columns: ['user_id'] });
});

it('nothing is proposed for what it does not understand', () => {
  expect(columnsSearched('SELECT * FROM a JOIN b ON a.id = b.id WHERE a.x = ?')).toBeUndefined();
  expect(columnsSearched('SELECT * FROM a WHERE x = ? OR y = ?')).toBeUndefined();
  expect(columnsSearched('SELECT * FROM a')).toBeUndefined();
  expect(columnsSearched('')).toBeUndefined();
});
