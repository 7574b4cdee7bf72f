'use strict';

// What an instance is now, signed.

const { write } = require('../evidence.js');
const { dataOf, invalid } = require('../failure.js');
const { checkIsNew } = require('../new-file.js');

const SIGNED = [
  { key: 'size', title: 'size' },
  { key: 'root', title: 'root' },
  { key: 'note', title: 'note' },
];

/** What is told of an argument of the log, as one of this program. */
function inOptions(response) {
  if (response.success) return response;
  const error = response.error.replace(/^options\.(?:keyFile|key)(?=:)/, '--signing-key');
  return { ...response, error: error.replace(/^options\.origin(?=:)/, '--origin') };
}

module.exports = {
  summary: 'signs what an instance is now: how many events it has, and the root of its tree',
  details: [
    'It prints the signed note, which is to be kept where whoever can write to the log cannot. The first one of an',
    'instance hashes all events, and each further one those that came since. Ctrl-C keeps what was hashed.',
  ],
  words: ['INSTANCE'],
  options: {
    'signing-key': { value: 'FILE', about: 'the file of the signing key, as keys makes it' },
    origin: { value: 'TEXT', about: "what the tree is called (the key's name, a slash, the id)" },
    to: { value: 'FILE', about: 'write a new file, and not standard output' },
  },
  examples: [
    ['checkpoint orders --signing-key shop.key > monday.note', 'of the default log'],
    ['checkpoint data/orders.redb orders --signing-key shop.key -o json', 'with size and root'],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    const { 'signing-key': keyFile, origin, to } = values;
    if (keyFile === undefined) {
      throw invalid('expected --signing-key with a file: codebolt-eventlog keys makes one');
    }
    checkIsNew(to);
    const log = await open({ changes: true });
    const response = await log.checkpoint({ instance, keyFile, origin, signal });
    const signed = dataOf(inOptions(response));
    if (to !== undefined || output.format === 'table') await write(signed.note, to, output);
    else await output.one(signed, SIGNED);
  },
};
