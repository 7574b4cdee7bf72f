'use strict';

// Signed notes and checkpoints: C2SP's `signed-note` and `tlog-checkpoint`.

const { concat, fromBase64, toBase64, toUtf8 } = require('./bytes.js');
const { invalid, kindOf, notProven } = require('./failure.js');
const { isKeyName, isOf, verifierKeyOf } = require('./keys.js');
const { primitives } = require('./primitives.js');

/** The longest note that is looked at, in characters. Sixteen signatures after quantum computers fit. */
const CHARACTERS_MAX = 1_000_000;

/** How many signatures are looked at. */
const SIGNATURES_MAX = 100;

/** What begins the line of a signature: an em dash. */
const DASH = '\u2014 ';

/** Control characters of ASCII but for the line feed: none of them may be in a note. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * Signs a text.
 *
 * @param {string} text - Lines, each with its end.
 * @param {import('./keys.js').NamedKey} key - The signing key.
 * @returns {Promise<string>} The note.
 */
async function signNote(text, { name, id, seed }) {
  const signature = await primitives.sign(seed, toUtf8(text));
  return `${text}\n${DASH}${name} ${toBase64(concat(id, signature))}\n`;
}

/** A note as its parts, whether or not anybody has signed it. */
function partsOf(note) {
  if (typeof note !== 'string') throw notProven(`note: expected a text, found ${kindOf(note)}`);
  if (note.length > CHARACTERS_MAX) {
    throw notProven(`note: expected at most ${CHARACTERS_MAX} characters, found ${note.length}`);
  }
  if (CONTROL.test(note) || !note.isWellFormed()) {
    throw notProven('note: expected text without control characters, found some');
  }
  const end = note.lastIndexOf('\n\n');
  if (end === -1 || !note.endsWith('\n')) {
    throw notProven('note: expected a text, an empty line and signatures, found none');
  }
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) {
    throw notProven(`note: expected at most ${SIGNATURES_MAX} signatures, found ${lines.length}`);
  }
  return { text: note.slice(0, end + 1), signatures: lines.map(signatureOf) };
}

function signatureOf(line) {
  const [name, base64, ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(' ') : [];
  const bytes = fromBase64(base64);
  if (more.length > 0 || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    throw notProven('note: expected lines of signatures after the last empty line, found another');
  }
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/**
 * Verifies that a note is signed by a key that is known. Signatures of other keys are passed over, as those of witnesses.
 *
 * @param {string} note - The note.
 * @param {import('./keys.js').NamedKey[]} keys - The keys that are trusted.
 * @returns {Promise<{ text: string, signers: string[] }>} The text, and the names of the keys that have signed it.
 */
async function openNote(note, keys) {
  const { text, signatures } = partsOf(note);
  const bytes = toUtf8(text);
  const signers = new Set();
  for (const { name, id, signature } of signatures) {
    const key = keys.find((known) => isOf(known, name, id));
    if (key === undefined) continue;
    const isRight =
      signature.length === 64 && (await primitives.verify(key.publicKey, bytes, signature));
    if (!isRight) throw notProven(`note: expected a signature of ${name}, found a wrong one`);
    signers.add(name);
  }
  if (signers.size === 0) {
    const names = keys.map(({ name }) => name).join(' or ');
    throw notProven(`note: expected a signature of ${names} with this key, found none`);
  }
  return { text, signers: [...signers] };
}

/** The text of a checkpoint. */
function checkpointText(origin, size, root) {
  return `${origin}\n${size}\n${root}\n`;
}

/** A checkpoint as the lines of its text. */
function checkpointOf(text) {
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '' || root === undefined || extensions.includes('')) {
    throw notProven('note: expected the lines of a checkpoint: an origin, a size and a root');
  }
  if (!/^(?:0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw notProven(`note: expected the size of a tree in its second line, found ${size}`);
  }
  if (fromBase64(root, 32)?.length !== 32) {
    throw notProven('note: expected 32 bytes in base64 in its third line, found something else');
  }
  return { origin, size: Number(size), root, extensions };
}

/** Whether a key may speak for an origin. */
function speaksFor(name, origin) {
  return origin === name || origin.startsWith(`${name}/`);
}

/**
 * Verifies a checkpoint.
 *
 * @param {string} note - The signed note.
 * @param {string | string[]} key - The verifier key, or several, one of which must have signed it.
 * @param {{ origin?: string }} [options] - The origin that is expected. Without it, the origin is the name of a key that
 *   has signed, or begins with that and a slash.
 * @returns {Promise<{ origin: string, size: number, root: string, extensions: string[], signers: string[] }>} What it says.
 */
async function verifyCheckpoint(note, key, options) {
  const texts = Array.isArray(key) ? key : [key];
  if (texts.length === 0) throw invalid('key: expected a verifier key, found none');
  const keys = await Promise.all(
    texts.map((text, at) => verifierKeyOf(text, Array.isArray(key) ? `key[${at}]` : 'key')),
  );
  const { text, signers } = await openNote(note, keys);
  const checkpoint = checkpointOf(text);
  const { origin } = options ?? {};
  if (origin !== undefined && typeof origin !== 'string') {
    throw invalid(`options.origin: expected a string, found ${kindOf(origin)}`);
  }
  const isExpected =
    origin === undefined
      ? signers.some((name) => speaksFor(name, checkpoint.origin))
      : origin === checkpoint.origin;
  if (!isExpected) {
    const expected = origin ?? `${signers[0]}, or what begins with ${signers[0]}/`;
    throw notProven(`note: expected the origin ${expected}, found ${checkpoint.origin}`);
  }
  return { ...checkpoint, signers };
}

module.exports = { checkpointText, signNote, verifyCheckpoint };
