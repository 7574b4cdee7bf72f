// Queries of a log in PostgreSQL, beside the same questions in SQL over a jsonb column of the same server.
// `node bench/run-jsonb.mjs --help`

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runProgram } from '../scripts/command-line.mjs';
import { productFolder } from './folders.mjs';
import { help, parseOptions, questionsOf } from './jsonb/options.mjs';

await runProgram('bench:jsonb', { help, parseOptions }, main);

/** @param {object} options - The options of the run. */
async function main(options) {
  // What these import is there only now.
  const { default: pg } = await import('pg');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { startServer } = await import('../scripts/postgres-server.mjs');
  const { clientUrl } = await import('./postgres/server.mjs');

  const started = Date.now();
  const commit = describeCommit();
  const server = await startServer(['shared_buffers=1GB', 'max_connections=50']);
  const client = new pg.Client({ connectionString: clientUrl(server.url, 'postgres') });
  let measured;
  try {
    await client.connect();
    measured = await measure(options, server, async (sql) => (await client.query(sql)).rows);
  } finally {
    await client.end();
    await server.stop();
  }
  const { version } = JSON.parse(readFileSync(join(productFolder, 'package.json'), 'utf8'));
  await write(options, {
    ...measured,
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    commit,
    machine: describeMachine(productFolder),
    options: { quick: options.quick },
    roundCount: options.rounds,
    versions: { 'codebolt-eventlog': version },
  });
}

async function measure({ events, rounds, only }, server, rows) {
  const { compare } = await import('./jsonb/compare.mjs');
  const { load } = await import('./jsonb/load.mjs');

  const schema = randomUUID();
  const path = `${server.url}?schema=${schema}`;
  const bytes = await load({ path, schema, events }, rows, (text) => console.error(text));
  const questions = [];
  for (const query of questionsOf(events).filter(({ name }) => only.includes(name))) {
    const times = await compare(query, { path, rounds }, rows);
    questions.push({ name: query.name, title: query.title, times });
    const shown = Object.entries(times).map(([key, all]) => `${key} ${all.map(Math.round)}`);
    console.error(`${query.name}, ms: ${shown.join('; ')}`);
  }
  return { events, bytes, questions };
}

async function write({ out, inDocs }, run) {
  const { formatted, writeFormatted } = await import('../scripts/documents.mjs');
  const { renderTable } = await import('./jsonb/table.mjs');
  const { putInDocs } = await import('./report/files.mjs');
  const { describe } = await import('./report/machine.mjs');

  const text = `${describe(run)}\n\n${renderTable(run)}`;
  mkdirSync(out, { recursive: true });
  const written = [
    await writeFormatted(join(out, 'jsonb.json'), JSON.stringify(run), 'json'),
    await writeFormatted(join(out, 'jsonb.md'), `# Queries in PostgreSQL\n\n${text}\n`, 'markdown'),
  ];
  if (inDocs) written.push(await putInDocs('jsonb', text));
  console.log(await formatted(`${text}\n`, 'markdown'));
  for (const path of written) console.log(`wrote ${path}`);
}
