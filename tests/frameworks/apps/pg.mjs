import pg from 'pg';
import { serve } from './served.mjs';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 1 });
await pool.query('CREATE TABLE IF NOT EXISTS orders (id int, customer text)');

serve(async () => {
  // After a failure the pool opens a new connection.
  await pool.query('SELECT * FROM nowhere').catch(() => {});
  const insert = pool.query(`INSERT INTO orders VALUES (1, 'ada@example.com'), (2, 'grace')`);
  // Waits for the one connection.
  const found = pool.query('SELECT * FROM orders WHERE customer = $1', ['grace']);
  await Promise.all([insert, found]);
  const client = await pool.connect();
  await new Promise((resolve) => client.query('SELECT count(*) FROM orders WHERE id > 0', () => resolve()));
  client.release();
});
