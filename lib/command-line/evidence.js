'use strict';

// What the commands about evidence have in common: notes, verifier keys, and the text of proofs.

const { CommandFailure, invalid } = require('./failure.js');
const { fileText, textOf } = require('./input.js');
const { toNewFile } = require('./new-file.js');

/** The options with which notes are verified. */
const VERIFYING = {
  'verifier-key': {
    value: 'KEY',
    isMultiple: true,
    about: 'who has to have signed; @FILE reads a file; again for one more key that will do',
  },
  origin: { value: 'TEXT', about: 'the origin that is expected, if it is not the name of the key' },
};

/** What a note says of itself, which nobody has verified. */
function claimed(note, place) {
  const [, size, root] = note.split('\n');
  const number = Number(size);
  if (/^\d+$/.test(size ?? '') && Number.isSafeInteger(number)) return { size: number, root };
  throw invalid(`${place}: expected a signed note with a size in its second line`);
}

/** The note in a file, and what it says of itself; nothing without a file. */
async function noteIn(place, path) {
  if (path === undefined) return {};
  const note = await fileText(place, path);
  return { note, ...claimed(note, place) };
}

/** The verifier keys that were given. */
async function verifierKeys(values) {
  const given = values['verifier-key'];
  if (given === undefined) throw invalid('expected --verifier-key with the key of who has signed');
  const keys = [];
  for (const each of given) keys.push((await textOf('--verifier-key', each)).trim());
  return keys;
}

/** Does `work` on what stands at `place`. What is wrong with it is told by the names of this program. */
async function verified(place, work) {
  try {
    return await work();
  } catch (error) {
    if (error?.code !== 'INVALID_ARGUMENT' && error?.code !== 'NOT_PROVEN') throw error;
    const text = error.message
      .replace(/^key(?:\[\d+\])?(?=:)/, '--verifier-key')
      .replace(/^(?:note|signingKey)(?=:)/, place);
    throw new CommandFailure(error.code, text);
  }
}

/** Writes a text to the file of `--to`, or to standard output. */
async function write(text, to, output) {
  if (to === undefined) await output.text(text);
  else await toNewFile([text], to);
}

module.exports = { VERIFYING, noteIn, verified, verifierKeys, write };
