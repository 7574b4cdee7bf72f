// The contract, through Node.js, on logs in PostgreSQL: the same tests as on files, as far as they are listed here.
//
//     node scripts/test-postgres.mjs [parameters for ava, in the place of the files]

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root, runNode } from './command.mjs';
import { nativeFolder, startServer } from './postgres-server.mjs';
import { runTasks } from './tasks.mjs';

/**
 * The files of tests that run on both, by how their names begin: instances, appends, queries, schemas, readers, exports
 * and copies; and what is so of PostgreSQL alone. What is not here is about files (opening, damage, backups, the default
 * log, the command line), about no log at all, or was not run on PostgreSQL yet: most imports, consumers, projections, and
 * how processes end.
 */
const BEGINNINGS = [
  '15.attach',
  '19.',
  '20.',
  '3',
  '40.',
  '41.',
  '42.',
  '43.',
  '44.',
  '45.',
  '46.',
  '51.',
  '71.',
  '72.',
  '80.',
  '81.',
  '82.',
  '83.',
  '84.copy',
  '84.import-fo',
];

/** In how many parts the tests run. */
const PARTS = 3;

const own = process.argv.slice(2);
if (nativeFolder() === undefined) {
  console.log('left out: there is no PostgreSQL for tests on this platform');
  process.exit(0);
}
const server = await startServer(['max_connections=500', 'shared_buffers=64MB']);
process.env.CODEBOLT_TEST_POSTGRES = server.url;
const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
try {
  if (own.length > 0) runNode([ava, ...own]);
  else process.exitCode = await runTasks(parts());
} finally {
  await server.stop();
}

/** The files in parts that run side by side: most of the time, a test and the server wait for each other. */
function parts() {
  const shares = Array.from({ length: PARTS }, () => []);
  for (const [n, file] of files().entries()) shares[n % PARTS].push(file);
  // One test at a time in each, so that servers of few processors have few connections.
  const given = ['--serial', '--timeout', '5m'];
  return shares.map((share, at) => ({
    name: `part ${at + 1} of ${PARTS}`,
    command: [process.execPath, ava, ...given, ...share],
  }));
}

/** The files of tests, as ava takes them. */
function files() {
  const names = readdirSync(join(root, '__test__')).filter((name) => name.endsWith('.spec.mjs'));
  const runs = (name) => BEGINNINGS.some((beginning) => name.startsWith(beginning));
  const ofServers = ['postgres', 'moving'].map((name) => `packages/postgres/test/${name}.spec.js`);
  return [...names.filter(runs).map((name) => `__test__/${name}`), ...ofServers];
}
