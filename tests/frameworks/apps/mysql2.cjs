const mysql = require('mysql2/promise');

async function main() {
  const { serve } = await import('./served.mjs');
  const pool = mysql.createPool({ uri: `${process.argv[2]}/test`, user: 'root', connectionLimit: 1 });
  await pool.query('CREATE TABLE IF NOT EXISTS orders (id int, customer text)');
  serve(async () => {
    await pool.query('INSERT INTO orders VALUES (?, ?), (?, ?)', [1, 'ada@example.com', 2, 'grace']);
    await pool.execute('SELECT * FROM orders WHERE customer = ?', ['grace']);
    await pool.query('SELECT * FROM nowhere').catch(() => {});
  });
}
void main();
