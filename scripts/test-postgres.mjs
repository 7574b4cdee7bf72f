// The contract, through Node.js, on logs in PostgreSQL: the same tests as on files, as far as they are listed here.
//
//     node scripts/test-postgres.mjs [parameters for ava, in the place of the files]

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root, runNode } from './command.mjs';
import { nativeFolder, startServer } from './postgres-server.mjs';

/**
 * The files of tests that run on both, by how their names begin: instances, appends and queries; and what is so of
 * PostgreSQL alone. What is not here is about files (opening, damage, backups, the default log, the command line), about no
 * log at all, or was not run on PostgreSQL yet: readers, transfers, consumers, projections, and how processes end.
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
  '84.copy',
];

const own = process.argv.slice(2);
if (nativeFolder() === undefined) {
  console.log('left out: there is no PostgreSQL for tests on this platform');
  process.exit(0);
}
// Tests run one after the other in each file, so that servers of few processors have few connections.
const parameters = own.length > 0 ? own : ['--serial', '--timeout', '5m', ...files()];
const server = await startServer(['max_connections=500', 'shared_buffers=64MB']);
try {
  runNode([join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs'), ...parameters], {
    env: { ...process.env, CODEBOLT_TEST_POSTGRES: server.url },
  });
} finally {
  await server.stop();
}

/** The files of tests, as ava takes them. */
function files() {
  const names = readdirSync(join(root, '__test__')).filter((name) => name.endsWith('.spec.mjs'));
  const runs = (name) => BEGINNINGS.some((beginning) => name.startsWith(beginning));
  const ofServers = ['postgres', 'moving'].map((name) => `packages/postgres/test/${name}.spec.js`);
  return [...names.filter(runs).map((name) => `__test__/${name}`), ...ofServers];
}
