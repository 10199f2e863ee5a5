import pg from 'pg';
import type { TestServer } from '../../../../../tests/servers/servers.ts';

let made = 0;

/** Makes an empty database on a test server. @returns its URL */
export async function freshDatabase(server: TestServer): Promise<string> {
  const base = server.url.replace('//', '//postgres@');
  const client = new pg.Client({ connectionString: `${base}/postgres` });
  await client.connect();
  const name = `state_${process.pid}_${++made}`;
  await client.query(`create database ${name}`);
  await client.end();
  return `${base}/${name}`;
}
