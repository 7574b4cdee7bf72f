'use strict';

// What is known of a log's file: also of one that cannot be opened.

const { statSync, statfsSync } = require('node:fs');
const { dirname, resolve } = require('node:path');

const { isServerPath } = require('../../server-path.js');
const { diskBytesOf } = require('../disk-bytes.js');
const { readHeader } = require('../doctor/header.js');
const { holdersOf } = require('../doctor/holders.js');
const { dataOf, invalid } = require('../failure.js');

const FIELDS = [
  { key: 'path', title: 'path' },
  { key: 'kind', title: 'kind' },
  { key: 'format', title: 'format' },
  { key: 'lengthBytes', title: 'length', kind: 'bytes' },
  { key: 'diskBytes', title: 'on disk', kind: 'bytes' },
  { key: 'freeBytes', title: 'free on the disk', kind: 'bytes' },
  { key: 'mode', title: 'mode' },
  { key: 'owner', title: 'owner', value: ({ owner }) => owner && `${owner.uid}:${owner.gid}` },
  { key: 'journal', title: 'journal', value: ({ journal }) => journal && journalText(journal) },
  { key: 'holders', title: 'held by', value: ({ holders }) => holdersText(holders) },
  { key: 'opens', title: 'opens', value: ({ opens }) => (opens.success ? 'yes' : opens.code) },
  { key: 'instanceCount', title: 'instances', kind: 'count' },
  { key: 'remarks', title: 'remarks', value: ({ remarks }) => remarks.join('; ') || 'none' },
];

function journalText({ segments, lastCommit }) {
  const used = segments.map(
    ({ generation, afterCommit, writtenBytes }) =>
      `generation ${generation} after commit ${afterCommit}, ${writtenBytes} bytes written`,
  );
  return `${used.join('; ') || 'empty'}; last commit ${lastCommit}`;
}

function holdersText(holders) {
  if (holders === undefined) return 'this system does not tell';
  if (holders.length === 0) return 'no other process of this user';
  return holders
    .map(({ pid, command, isStopped, locks }) => {
      const holding = locks.length === 0 ? '' : `, has locked: ${locks.join(', ')}`;
      return `${pid} ${command}${isStopped ? ', stopped' : ''}${holding}`;
    })
    .join('; ');
}

/** The numbers of the file system. */
function sizesOf(path, stats) {
  const { bsize, bavail } = statfsSync(dirname(resolve(path)));
  return { lengthBytes: stats.size, diskBytes: diskBytesOf(stats), freeBytes: bsize * bavail };
}

/** Who may do what with the file. Windows has rights of another kind. */
function rightsOf({ mode, uid, gid }) {
  if (process.platform === 'win32') return {};
  return { mode: (mode & 0o7777).toString(8).padStart(4, '0'), owner: { uid, gid } };
}

/**
 * What a person should know.
 *
 * @param {{ mode?: string, holders?: { pid: number, isStopped: boolean, locks: string[] }[], diskBytes?: number,
 *   freeBytes: number }} found - What was found.
 */
function remarksOf({ mode, holders = [], diskBytes, freeBytes }) {
  const remarks = [];
  if (mode !== undefined && (Number.parseInt(mode, 8) & 0o077) !== 0) {
    remarks.push(`others than its owner may use the file: chmod 600 keeps them out`);
  }
  for (const { pid, isStopped, locks } of holders) {
    if (!isStopped) continue;
    const effect = locks.length > 0 ? 'holds a lock that changes wait for' : 'has the file open';
    remarks.push(`process ${pid} is stopped and ${effect}: kill -CONT ${pid} lets it go on`);
  }
  if (freeBytes < (diskBytes ?? 0)) remarks.push('the disk has no room for a backup of the log');
  return remarks;
}

/** Opens the log for reading, and tells how that went. */
async function opening(open) {
  try {
    const log = await open();
    const { instances } = dataOf(await log.listInstances());
    return { opens: { success: true }, instanceCount: instances.length };
  } catch (error) {
    if (error.code === 'ABORTED' || error.code === undefined) throw error;
    return { opens: { success: false, code: error.code, error: error.message }, failure: error };
  }
}

module.exports = {
  summary: "tells what is known of a log's file: format, journal, holders, sizes, rights",
  details: [
    'It also tells of a file that cannot be opened. The exit code then is that of the failure. It does not read the',
    'events: verify does.',
  ],
  words: [],
  options: {},
  examples: [
    ['doctor', 'the default log'],
    ['doctor data/orders.redb -o json', 'the log in a file, as JSON'],
  ],

  async run({ open, output, place, checkExists }) {
    checkExists();
    const { path } = place;
    if (isServerPath(path)) {
      throw invalid(`expected a file, found the URL of a server (${place.source}): stats asks one`);
    }
    const stats = statSync(path);
    if (!stats.isFile()) throw invalid(`expected a file, found something else at ${path}`);
    const holders = holdersOf(path);
    const found = {
      path: resolve(path),
      ...headerOf(path),
      ...sizesOf(path, stats),
      ...rightsOf(stats),
    };
    const { failure, ...opened } = await opening(open);
    const remarks = remarksOf({ ...found, holders });
    await output.one({ ...found, holders, ...opened, remarks }, FIELDS);
    if (failure !== undefined) throw failure;
  },
};

/** What the file says of itself, if it may be read. */
function headerOf(path) {
  try {
    return readHeader(path);
  } catch (error) {
    return { kind: `cannot be read: ${error.code}` };
  }
}
