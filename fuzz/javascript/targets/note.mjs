// Signed notes and keys: whatever a text is, no checkpoint is taken from it that was not signed.
//
// An input is a note; or a key, where it has no line feed.

import evidence from '../../../lib/evidence/exports.js';
import keys from '../../../lib/evidence/keys.js';
import notes from '../../../lib/evidence/note.js';

const { EvidenceError, cosignCheckpoint, generateKeys, verifierKeyFor, verifyCheckpoint } =
  evidence;

const ROOT = Buffer.alloc(32, 7).toString('base64');

/** What was signed, and whether a witness has signed it too. */
const SIGNED = new Map([
  [notes.checkpointText('example.com/log', 5, ROOT), true],
  [notes.checkpointText('example.com/log/orders', 0, ROOT), false],
  [
    `${notes.checkpointText('example.com/log', 2 ** 53 - 1, ROOT)}an extension\nanother one\n`,
    true,
  ],
]);

const log = await generateKeys('example.com/log');
const witness = await generateKeys('witness.example', { for: 'witness' });

async function signed(text, isCosigned) {
  const note = await notes.signNote(text, await keys.signingKeyOf(log.signingKey));
  if (!isCosigned) return note;
  const given = { key: log.verifierKey, last: null, time: '2026-01-31T12:00:00Z' };
  return (await cosignCheckpoint(note, witness.signingKey, given)).note;
}

const all = await Promise.all([...SIGNED].map(([text, isCosigned]) => signed(text, isCosigned)));

const texts = [log, witness].flatMap(({ signingKey, verifierKey }) => [signingKey, verifierKey]);

export const seeds = async () => [...all, ...texts].map((text) => Buffer.from(text));

/** Whether it was refused as it should be. */
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    const codes = ['NOT_PROVEN', 'INVALID_ARGUMENT'];
    if (error instanceof EvidenceError && codes.includes(error.code)) return true;
    throw error;
  }
  return false;
}

/** @param {Buffer} bytes - The input. */
export async function run(bytes) {
  const text = bytes.toString('utf8');
  if (!text.includes('\n')) {
    await refused(verifierKeyFor(text));
    const isTaken = !(await refused(verifyCheckpoint(all[0], text)));
    if (isTaken && text.trim() !== log.verifierKey) throw new Error('another key was taken');
    await refused(verifyCheckpoint(all[0], log.verifierKey, { witnesses: [text] }));
    return;
  }
  for (const witnesses of [undefined, [witness.verifierKey]]) {
    const verified = verifyCheckpoint(text, log.verifierKey, { witnesses, origin: undefined });
    if (await refused(verified)) continue;
    const { origin, size, root, extensions } = await verified;
    const lines = [origin, String(size), root, ...extensions].map((line) => `${line}\n`).join('');
    const isCosigned = SIGNED.get(lines);
    if (isCosigned === undefined || (witnesses !== undefined && !isCosigned)) {
      throw new Error(`nobody has signed ${JSON.stringify(lines)}`);
    }
  }
}
