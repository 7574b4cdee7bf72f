// The databases of a run: one for each measurement, on the one server.

import pg from 'pg';

/** The folder of the server's socket, which its URL has as the host. */
const socketOf = (url) => decodeURIComponent(/@([^/]+)/.exec(url)[1]);

/** The URL of a database as node-postgres takes it. */
export function clientUrl(url, database) {
  return `postgres://postgres@/${database}?host=${encodeURIComponent(socketOf(url))}`;
}

/** The URL of a database as codebolt-eventlog takes it. */
export function logUrl(url, database) {
  return `postgres://postgres@${encodeURIComponent(socketOf(url))}/${database}`;
}

/** Runs statements, and returns the rows of the last one. */
export async function sql(url, database, ...statements) {
  const client = new pg.Client({ connectionString: clientUrl(url, database) });
  await client.connect();
  try {
    let rows = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Makes an empty database. */
export async function createDatabase(url, database) {
  await sql(url, 'postgres', `CREATE DATABASE ${database}`);
}

/** Removes it. */
export async function dropDatabase(url, database) {
  await sql(url, 'postgres', `DROP DATABASE ${database} WITH (FORCE)`);
}

/** How many bytes the tables of a database have, with their indexes. */
export async function tableBytes(url, database) {
  const [{ bytes }] = await sql(
    url,
    database,
    'VACUUM',
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 AS bytes FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
     AND n.nspname !~ '^pg_toast'`,
  );
  return bytes;
}

/** Holds a snapshot of a database, as a long transaction does. Returns what ends it, and has the server clean up. */
export async function holdSnapshot(url, database) {
  const client = new pg.Client({ connectionString: clientUrl(url, database) });
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await client.query('SELECT count(*) FROM pg_class');
  return async () => {
    await client.query('COMMIT');
    await client.query('VACUUM');
    await client.end();
  };
}
