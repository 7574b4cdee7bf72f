'use strict';

// The key of a subject, which is destroyed.

const { dataOf } = require('../failure.js');

const FORGOTTEN = [
  { key: 'subject', title: 'subject' },
  { key: 'forgottenAt', title: 'forgotten' },
];

module.exports = {
  summary: 'destroys the key of a subject: what was encrypted with it can never be read again',
  details: [
    'This cannot be undone, in no copy of the log. It needs the keyring, and no key. Snapshots of projections, and copies',
    'of the keyring itself, may still have what was encrypted, or its key.',
  ],
  words: ['SUBJECT'],
  options: {},
  examples: [
    ['forget customer-7', 'in the default log'],
    ['forget data/orders.redb customer-7 -o json', 'in the log in a file, as JSON'],
  ],

  async run({ open, output, words: [subject] }) {
    const log = await open({ changes: true });
    const forgotten = dataOf(await log.forgetSubject(subject));
    if (forgotten.forgottenAt === null)
      output.note('the keyring has never had a key of this subject');
    await output.one(forgotten, FORGOTTEN);
  },
};
