'use strict';

// Another key for the log, in the place of the one that it has.

const { dataOf, invalid } = require('../failure.js');

module.exports = {
  summary: 'encrypts the keys of all subjects with another key of the log',
  details: [
    'The key that the log has is that of the environment. From the end of this command on, only the new one opens the',
    'keyring. No event is written again. Programs that have the log open have to open it with the new key.',
  ],
  words: [],
  options: {
    'new-key-file': { value: 'FILE', about: 'a file with the new key: 32 bytes, or their base64' },
  },
  examples: [
    [
      'rotate-key data/orders.redb --new-key-file new.key',
      'with CODEBOLT_EVENTLOG_KEY_FILE=old.key in the environment',
    ],
  ],

  async run({ open, output, values }) {
    const path = values['new-key-file'];
    if (path === undefined) throw invalid('expected --new-key-file with a file');
    const { keyInFile } = require('../../keys.js');
    const key = keyInFile(path, '--new-key-file');
    const log = await open({ changes: true });
    await output.one(dataOf(await log.rotateKey(key)), [
      { key: 'keys', title: 'keys', kind: 'count' },
    ]);
  },
};
