'use strict';

// A file as short as it can be.

const { dataOf } = require('../failure.js');

const SIZES = [
  { key: 'bytesBefore', title: 'before', kind: 'bytes' },
  { key: 'bytesAfter', title: 'after', kind: 'bytes' },
];

module.exports = {
  summary: 'gives space back to the file system',
  details: [
    'Other processes wait for it. If one of them is reading, it is LOCKED: try again. Ctrl-C ends it while it waits;',
    'once it has begun, nothing stops it but killing it, which loses nothing.',
  ],
  words: [],
  options: {},
  examples: [['compact data/orders.redb', 'the log in a file']],

  async run({ open, output, signal }) {
    const log = await open({ changes: true });
    await output.one(dataOf(await log.compact({ signal })), SIZES);
  },
};
