// What is compared. Only the child processes load a system's module, so that no measurement has
// another system in its memory.

const separateStreams =
  'it has two files for each stream, and looks through the index of every stream at each append';

/**
 * The systems, in the order of the tables.
 *
 * - `module`, `variant`: which file opens it, and how.
 * - `isBlocking`: an append is a synchronous call.
 * - `floor`: how many events it writes for each sync, where it is no log but a lower bound.
 * - `cannot`: groups or names of workloads that it does not support, and why.
 * - `promisesLess`: what it does not promise that the others do.
 * - `setUp`: what was chosen so that it is as fast as it can be.
 */
export const systems = [
  {
    name: 'eventlog',
    title: 'codebolt-eventlog',
    module: 'eventlog.mjs',
    variant: 'shared',
    setUp: 'Default options: other processes may have the file open at the same time.',
  },
  {
    name: 'eventlog-exclusive',
    title: 'codebolt-eventlog, exclusive',
    module: 'eventlog.mjs',
    variant: 'exclusive',
    cannot: { 'processes-4': 'an exclusive file is open in one process' },
    setUp: '`exclusive: true`.',
  },
  {
    name: 'baseline',
    title: 'baseline build',
    module: 'eventlog.mjs',
    variant: 'shared',
    isBaseline: true,
    setUp: 'The build of `--baseline`, default options.',
  },
  {
    name: 'baseline-exclusive',
    title: 'baseline build, exclusive',
    module: 'eventlog.mjs',
    variant: 'exclusive',
    isBaseline: true,
    cannot: { 'processes-4': 'an exclusive file is open in one process' },
    setUp: 'The build of `--baseline`, `exclusive: true`.',
  },
  {
    name: 'better-sqlite3',
    title: 'better-sqlite3, per call',
    module: 'better-sqlite3.mjs',
    variant: 'call',
    package: 'better-sqlite3',
    isBlocking: true,
    setUp:
      'WAL, `synchronous=FULL`, prepared statements, 64 MiB of cache. Each call is a transaction, which blocks the event loop until the disk has it.',
  },
  {
    name: 'better-sqlite3-queue',
    title: 'better-sqlite3, queued',
    module: 'better-sqlite3.mjs',
    variant: 'queue',
    package: 'better-sqlite3',
    setUp:
      'As above, and the calls of one turn of the event loop share one transaction, which blocks the event loop.',
  },
  {
    name: 'lmdb',
    title: 'lmdb',
    module: 'lmdb.mjs',
    variant: 'indexed',
    package: 'lmdb',
    setUp:
      'Awaits `flushed`. Events by position, and an index from streams to positions. The calls that come while a batch is written share the next one: up to 255 in a synchronous transaction, more in an asynchronous batch. The last number of each stream is kept in memory where one process writes.',
  },
  {
    name: 'lmdb-linked',
    title: 'lmdb, linked',
    module: 'lmdb.mjs',
    variant: 'linked',
    package: 'lmdb',
    promisesLess:
      'no index of streams. Reading a part of a stream walks back from its end, event by event',
    setUp:
      'As above, with the layout of codebolt-eventlog instead of the index. Each event has the position of the one before it in its stream.',
  },
  {
    name: 'classic-level',
    title: 'classic-level',
    module: 'classic-level.mjs',
    package: 'classic-level',
    cannot: {
      'processes-4': 'LevelDB opens a folder in one process',
      'threads-4': 'LevelDB opens a folder once in a process',
    },
    setUp:
      '`sync: true`; the calls that come while a batch is written share the next one. The last number of each stream is kept in memory, and read from the database when a stream is first used.',
  },
  {
    name: 'event-storage',
    title: 'event-storage',
    module: 'event-storage.mjs',
    package: 'event-storage',
    cannot: {
      'streams-1000000': separateStreams,
      'processes-4': 'a storage has one writer',
      'threads-4': 'a storage has one writer',
    },
    promisesLess:
      'the index is written later and without a sync, and does not find again the events that it lost at a power cut. A power cut, or a batch that is larger than the write buffer, may leave a part of a batch',
    setUp:
      'The newest version of node-event-storage that npm has. `syncOnFlush: true` for the events. One partition, so that the calls of one turn of the event loop share a sync. A write buffer that holds them all.',
  },
  {
    name: 'emmett-sqlite',
    title: 'emmett-sqlite',
    module: 'emmett-sqlite.mjs',
    package: '@event-driven-io/emmett-sqlite',
    cannot: {
      'streams-1000000':
        'it appends a million events in several minutes, before the first is measured',
    },
    setUp:
      'WAL, `synchronous=FULL`, one connection that stays open (its event store opens one for each call), and the calls that come while a transaction runs share the next one.',
  },
  {
    name: 'floor-1',
    title: 'floor by 1',
    module: 'json-lines.mjs',
    floor: 1,
    isBlocking: true,
    cannot: {},
    setUp: 'JSON lines: `write` and `fdatasync` for each event. No number, no index, no answer.',
  },
  {
    name: 'floor-1024',
    title: 'floor by 1024',
    module: 'json-lines.mjs',
    floor: 1024,
    isBlocking: true,
    setUp:
      'JSON lines: `write` and `fdatasync` for each 1024 events. No number, no index, no answer.',
  },
];

/**
 * @param {string} name - The name of a system.
 * @returns {object} The system.
 */
export function systemNamed(name) {
  return systems.find((system) => system.name === name);
}

/**
 * Why a system has no figure for a workload.
 *
 * @param {object} system - A system.
 * @param {object} workload - A workload.
 * @returns {string | undefined} The reason, or `undefined` where it has one.
 */
export function reasonAgainst(system, workload) {
  if (system.floor !== undefined) {
    return workload.floors?.includes(system.floor) ? undefined : 'a floor for other workloads';
  }
  return system.cannot?.[workload.name] ?? system.cannot?.[workload.group];
}
