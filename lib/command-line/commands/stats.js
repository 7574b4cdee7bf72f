'use strict';

// How much there is in an instance, or in a whole log.

const { stat } = require('node:fs/promises');

const { isServerPath, withoutSecrets } = require('../../server-path.js');
const { diskBytesOf } = require('../disk-bytes.js');
const { dataOf } = require('../failure.js');
const { instancesOf } = require('./ls.js');

const COUNTS = [
  { key: 'eventCount', title: 'events', kind: 'count' },
  { key: 'streamCount', title: 'streams', kind: 'count' },
  { key: 'storedBytes', title: 'bytes', kind: 'bytes' },
];

const INSTANCE = [
  { key: 'name', title: 'name' },
  { key: 'instanceId', title: 'id' },
  ...COUNTS,
  { key: 'firstPosition', title: 'first' },
  { key: 'createdAt', title: 'created' },
  { key: 'updatedAt', title: 'updated' },
];

const LOG = [
  { key: 'path', title: 'log' },
  { key: 'instanceCount', title: 'instances', kind: 'count' },
  ...COUNTS,
  { key: 'fileBytes', title: 'file', kind: 'bytes' },
  { key: 'diskBytes', title: 'on disk', kind: 'bytes' },
];

/** The sums over all instances. */
async function totals(log, path) {
  const sums = { instanceCount: 0, eventCount: 0, streamCount: 0, storedBytes: 0 };
  for await (const instance of instancesOf(log)) {
    sums.instanceCount += 1;
    for (const { key } of COUNTS) sums[key] += instance[key];
  }
  if (isServerPath(path)) return { path: withoutSecrets(path), ...sums };
  const file = await stat(path);
  return { path, ...sums, fileBytes: file.size, diskBytes: diskBytesOf(file) };
}

module.exports = {
  summary: 'counts what an instance holds, or the whole log',
  words: ['[INSTANCE]'],
  options: {},
  examples: [
    ['stats', 'the default log'],
    ['stats orders', 'one instance'],
    ['stats data/orders.redb orders -o json', 'one in a file, as JSON'],
  ],

  async run({ open, output, place, words: [instance] }) {
    const log = await open();
    if (instance === undefined) await output.one(await totals(log, place.path), LOG);
    else await output.one(dataOf(await log.getInstanceStats(instance)), INSTANCE);
  },
};
