'use strict';

// What a witness does: it signs a checkpoint if that continues the last one that it has signed of the same log.

const { cosignatureOf, timeAt } = require('./cosignature.js');
const { invalid, kindOf } = require('./failure.js');
const { WITNESS, signingKeyOf } = require('./keys.js');
const { lineOf, textOf, verifyCheckpoint } = require('./note.js');
const { verifyConsistency } = require('./proof.js');

/**
 * Signs a checkpoint as a witness, once it is verified that its log has signed it, and that it continues the last one.
 *
 * @param {string} note - The signed note.
 * @param {string} signingKey - The signing key of the witness.
 * @param {{ key: string | string[], origin?: string, last: any, proof?: any, time?: string }} options - The log's
 *   verifier key, and its origin if that does not follow from the key; what was given for the last checkpoint of that
 *   origin that was signed, or `null` for the first one; the proof that this one continues it; and the time, if it is not
 *   now.
 * @returns {Promise<{ note: string, checkpoint: any }>} The note with one signature more, and what is to be kept as `last`.
 */
async function cosignCheckpoint(note, signingKey, options) {
  if (typeof options !== 'object' || options === null) {
    throw invalid(`options: expected an object, found ${kindOf(options)}`);
  }
  const { key, origin, last, proof, time } = options;
  // Whoever has lost it is not to begin anew without saying so.
  if (last === undefined) {
    throw invalid(
      'options.last: expected the last checkpoint that was signed, or null, found nothing',
    );
  }
  const own = await signingKeyOf(signingKey, 'signingKey', [WITNESS]);
  const ms = timeAt('options.time', time);
  const checkpoint = await verifyCheckpoint(note, key, { origin });
  if (last !== null) {
    const isSame = proof === undefined && last.size === checkpoint.size;
    const none = { oldSize: checkpoint.size, newSize: checkpoint.size, hashes: [] };
    await verifyConsistency(isSame ? none : proof, last, checkpoint);
  }
  const line = lineOf(own, await cosignatureOf(textOf(note), own, ms));
  return { note: note + line, checkpoint };
}

module.exports = { cosignCheckpoint };
