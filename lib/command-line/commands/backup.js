'use strict';

// A copy of a log while it is in use.

const { dataOf } = require('../failure.js');
const { withProgress } = require('../progress.js');

const COPY = [
  { key: 'path', title: 'copy' },
  { key: 'instances', title: 'instances', kind: 'count' },
  { key: 'streams', title: 'streams', kind: 'count' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'bytes', title: 'bytes', kind: 'bytes' },
];

module.exports = {
  summary: 'copies a log to a new file while it is in use, and checks the copy',
  details: ['The copy is there as a whole or not at all, also after Ctrl-C. It replaces no file.'],
  words: ['COPY'],
  options: {},
  examples: [
    ['backup orders-2026-01-31.redb', 'the default log'],
    ['backup data/orders.redb /mnt/backup/orders.redb', 'the log in a file'],
  ],

  async run({ open, output, words: [path], settings, signal }) {
    const log = await open();
    const response = await withProgress('backup', settings, (onProgress) =>
      log.backup(path, { signal, onProgress }),
    );
    await output.one(dataOf(response), COPY);
  },
};
