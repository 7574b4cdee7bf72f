'use strict';

// Proofs for whoever has a checkpoint.

const { noteIn, write } = require('../evidence.js');
const { CommandFailure, dataOf, invalid } = require('../failure.js');
const { checkIsNew } = require('../new-file.js');
const { wholeNumber } = require('../options.js');

/** Refuses a proof of another tree than that of the note: nobody could verify it. */
function expectRoot(root, note, place) {
  if (note.note === undefined || note.root === root) return;
  const text = `${place}: expected the root of ${note.size} events of this instance, found another: they are not those that the checkpoint was made of`;
  throw new CommandFailure('NOT_PROVEN', text);
}

async function inclusion(log, instance, position, newer) {
  const options = { instance, position, size: newer.size };
  const proof = dataOf(await log.proveInclusion(options));
  expectRoot(proof.root, newer, '--checkpoint');
  return proof;
}

async function consistency(log, instance, older, newer) {
  const options = { instance, oldSize: older.size, newSize: newer.size };
  const proof = dataOf(await log.proveConsistency(options));
  expectRoot(proof.oldRoot, older, '--older');
  expectRoot(proof.newRoot, newer, '--checkpoint');
  return proof;
}

module.exports = {
  summary: 'proves that an event is in a checkpoint, or that a checkpoint continues an older one',
  details: [
    'With --position and --checkpoint it prints one text of the proof and the note, in the format of tlog-proof; with',
    '-o json, or without --checkpoint, the proof alone, as JSON. With --older it proves that nothing but appends came',
    'between two checkpoints, as JSON. Without --checkpoint, a proof is of the tree of the last one. audit verifies it.',
  ],
  words: ['INSTANCE'],
  options: {
    position: { value: 'N', about: 'the position of the event' },
    older: { value: 'FILE', about: 'the note of the older checkpoint' },
    checkpoint: { value: 'FILE', about: 'the note of the checkpoint; - is standard input' },
    to: { value: 'FILE', about: 'write a new file, and not standard output' },
  },
  examples: [
    [
      'prove orders --position 17 --checkpoint monday.note > 17.tlog-proof',
      'that an event is in a checkpoint',
    ],
    [
      'prove orders --older monday.note --checkpoint tuesday.note > continued.json',
      'that one continues the other',
    ],
  ],

  async run({ open, output, values, words: [instance], settings }) {
    const position = wholeNumber(values, 'position', { min: 1 });
    if ((position === undefined) === (values.older === undefined)) {
      const found = position === undefined ? 'neither' : 'both';
      throw invalid(`expected either --position or --older, found ${found}`);
    }
    if (output.format === 'csv')
      throw invalid('--output: expected another one for a proof, found "csv"');
    const { to } = values;
    checkIsNew(to);
    const newer = await noteIn('--checkpoint', values.checkpoint);
    const older = await noteIn('--older', values.older);
    const log = await open();
    const proof =
      position === undefined
        ? await consistency(log, instance, older, newer)
        : await inclusion(log, instance, position, newer);
    const isText =
      position !== undefined && newer.note !== undefined && settings.output === 'table';
    const { writeProof } = require('../../evidence/exports.js');
    await write(isText ? writeProof(proof, newer.note) : `${JSON.stringify(proof)}\n`, to, output);
  },
};
