// The contract, through Node.js, on logs in PostgreSQL: the same tests as on files, but for those that have no meaning there.
//
//     node scripts/test-postgres.mjs [parameters for ava, in the place of the files]

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root, runNode } from './command.mjs';
import { memoryFolder } from './memory-folder.mjs';
import { nativeFolder, startServer } from './postgres-server.mjs';
import { runTasks } from './tasks.mjs';

/** What is left out, by how the names of its files begin, and why: mostly, it has no meaning there. All others run on both. */
const LEFT_OUT = {
  10: 'how a file, and a log in memory, is opened; packages/postgres/test/ has how servers are',
  11: 'where the file of the default log is',
  12: 'options of files',
  13: 'files that cannot be opened',
  '14.': 'the shape of an object, with the default log in a file',
  '15.formats': 'files of earlier versions',
  '15.vanished': 'files that are taken away',
  '16.': 'how arguments are read, and the addon is loaded, before an engine is asked',
  '17.': 'programs that name files',
  '48.': 'which blocks of a file are read for a query',
  '50.': 'programs that name files',
  '64.': 'a copy of the package, with no package for servers beside it',
  '65.codes': 'no log',
  '65.wire': 'no log',
  '66.methods': 'no log',
  '67.many-logs': 'descriptors of files',
  '67.stopped': 'locks of files',
  '67.waiting': 'locks of files',
  '84.import-stores': 'files of other stores, made into lines before a log has them',
  '69.moments':
    'minutes of commits, one after the other; postgres/tests/server/many.rs has the order of calls there',
  86: 'copies of files',
  87: 'files made shorter',
  '90.history': 'no log',
  92: 'no log',
  93: 'no log',
  95: 'the command line',
  96: 'lines made of events, and events of lines, before a log has them',
  97: 'keys, which a log in PostgreSQL does not take, and evidence without a log',
};

/** In how many parts the tests run, some at a time: more than that, so that none runs alone for long in the end. */
const PARTS = 9;

const own = process.argv.slice(2);
if (nativeFolder() === undefined) {
  console.log('left out: there is no PostgreSQL for tests on this platform');
  process.exit(0);
}
/** What it shares in memory is in its folder too, and goes with it. */
const SETTINGS = ['max_connections=500', 'shared_buffers=64MB', 'dynamic_shared_memory_type=mmap'];

const server = await startServer(SETTINGS, memoryFolder());
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
  const unused = new Set(Object.keys(LEFT_OUT));
  const runs = (name) => {
    const beginning = Object.keys(LEFT_OUT).find((one) => name.startsWith(one));
    unused.delete(beginning);
    return beginning === undefined;
  };
  const ofBoth = names.filter(runs).map((name) => `__test__/${name}`);
  if (unused.size > 0) throw new Error(`expected files for ${[...unused]}, found none`);
  const ofServers = ['postgres', 'moving', 'resuming'].map(
    (name) => `packages/postgres/test/${name}.spec.js`,
  );
  return [...ofBoth, ...ofServers];
}
