'use strict';

// A pair of keys for checkpoints.

const { invalid } = require('../failure.js');
const { fileText } = require('../input.js');
const { checkIsNew, toNewFile } = require('../new-file.js');
const { verified } = require('../evidence.js');

const KEYS = [
  { key: 'verifierKey', title: 'verifier key' },
  { key: 'signingKeyFile', title: 'signing key' },
];

/** The verifier key of the signing key in a file. */
async function keyOf(file) {
  const { verifierKeyFor } = require('../../evidence/exports.js');
  const text = await fileText('--of', file);
  return verified('--of', () => verifierKeyFor(text));
}

/** Makes a pair, and writes the signing key to a new file. */
async function pair(name, to) {
  if (name === undefined) throw invalid('expected NAME, such as example.com/shop, or --of');
  if (to === undefined) throw invalid('expected --to with the new file of the signing key');
  checkIsNew(to);
  const { generateKeys } = require('../../evidence/exports.js');
  const { signingKey, verifierKey } = await generateKeys(name);
  await toNewFile([`${signingKey}\n`], to);
  return { verifierKey, signingKeyFile: to };
}

module.exports = {
  summary: 'makes the keys with which checkpoints are signed and verified',
  details: [
    'The signing key goes to a new file, which only its owner can read: a secret. The verifier key is printed, and may be',
    'known to anybody. With --of, the verifier key of a signing key is printed, and none is made.',
  ],
  words: ['[NAME]'],
  hasLog: false,
  options: {
    to: { value: 'FILE', about: 'the new file of the signing key' },
    of: { value: 'FILE', about: 'the file of a signing key that there is' },
  },
  examples: [
    ['keys example.com/shop --to shop.key > shop.pub', 'a pair, in a file each'],
    ['keys --of shop.key', 'the verifier key once more'],
  ],

  async run({ output, values: { to, of }, words: [name] }) {
    if (of !== undefined && (name ?? to) !== undefined) {
      throw invalid('expected --of by itself, found it with what makes new keys');
    }
    const made = of === undefined ? await pair(name, to) : { verifierKey: await keyOf(of) };
    if (output.format === 'table') await output.text(`${made.verifierKey}\n`);
    else await output.one(made, KEYS);
  },
};
