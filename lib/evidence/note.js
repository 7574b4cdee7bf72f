'use strict';

// Signed notes and checkpoints: C2SP's `signed-note` and `tlog-checkpoint`.

const { areEqual, concat, fromBase64, toBase64, toUtf8 } = require('./bytes.js');
const { timeOfCosignature } = require('./cosignature.js');
const { invalid, kindOf, notProven } = require('./failure.js');
const { LOG, WITNESS, isKeyName, isOf, verifierKeyOf } = require('./keys.js');
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
async function signNote(text, key) {
  return `${text}\n${lineOf(key, await primitives.sign(key.seed, toUtf8(text)))}`;
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

/** The line of a signature. */
const lineOf = ({ name, id }, signature) => `${DASH}${name} ${toBase64(concat(id, signature))}\n`;

/**
 * Verifies that a note is signed by a key that is known. Signatures of other keys are passed over.
 *
 * @param {string} note - The note.
 * @param {import('./keys.js').NamedKey[]} keys - The keys that are trusted.
 * @param {import('./keys.js').NamedKey[]} witnesses - Those of witnesses.
 * @returns {Promise<{ text: string, signers: string[], cosigners: { name: string, time?: string }[] }>} The text, the names of
 *   the keys that have signed it, and which witnesses have, and when.
 */
async function openNote(note, keys, witnesses) {
  const { text, signatures } = partsOf(note);
  const bytes = toUtf8(text);
  const signers = new Set();
  /** @type {Map<import('./keys.js').NamedKey, { name: string, time?: string }>} */
  const cosigners = new Map();
  for (const { name, id, signature } of signatures) {
    const key = [...keys, ...witnesses].find((known) => isOf(known, name, id));
    if (key === undefined) continue;
    const time = key.type === WITNESS ? await timeOfCosignature(text, key, signature) : undefined;
    const isRight =
      key.type === WITNESS
        ? time !== undefined
        : signature.length === 64 && (await primitives.verify(key.publicKey, bytes, signature));
    if (!isRight) throw notProven(`note: expected a signature of ${name}, found a wrong one`);
    if (keys.includes(key)) signers.add(name);
    // Of several of one witness, the last one counts.
    else cosigners.set(key, time === undefined ? { name } : { name, time });
  }
  if (signers.size === 0) {
    const names = keys.map(({ name }) => name).join(' or ');
    throw notProven(`note: expected a signature of ${names} with this key, found none`);
  }
  return { text, signers: [...signers], cosigners: [...cosigners.values()] };
}

/** The text that is signed in a note. */
const textOf = (note) => partsOf(note).text;

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

/** The keys that are given at a path, each of one of these types. */
function keysAt(path, texts, types) {
  const of = (text, at) => verifierKeyOf(text, `${path}[${at}]`, types);
  return Promise.all(texts.map(of));
}

/**
 * The witnesses that are asked for, and how many of them have to have signed.
 *
 * @param {{ witnesses?: any, witnessesMin?: any }} options - What was asked for.
 * @param {any[]} keys - The keys of the log.
 */
async function witnessesOf({ witnesses, witnessesMin }, keys) {
  if (witnesses === undefined) {
    if (witnessesMin === undefined) return { known: [], least: 0 };
    throw invalid('options.witnesses: expected the verifier keys of witnesses, found none');
  }
  if (!Array.isArray(witnesses)) {
    throw invalid(`options.witnesses: expected an array, found ${kindOf(witnesses)}`);
  }
  const known = await keysAt('options.witnesses', witnesses, [WITNESS, LOG]);
  known.forEach((key, at) => {
    // One that signs twice, under whatever name, is one witness.
    const others = [...keys, ...known.slice(0, at)];
    if (others.some(({ publicKey }) => areEqual(publicKey, key.publicKey))) {
      throw invalid(
        `options.witnesses[${at}]: expected a key of its own, found one that is given twice`,
      );
    }
  });
  const least = witnessesMin ?? known.length;
  if (Number.isInteger(least) && least >= 0 && least <= known.length) return { known, least };
  const found = typeof least === 'number' ? String(least) : kindOf(least);
  const expected = `expected a whole number from 0 to ${known.length}`;
  throw invalid(`options.witnessesMin: ${expected}, found ${found}`);
}

/**
 * Verifies a checkpoint.
 *
 * @param {string} note - The signed note.
 * @param {string | string[]} key - The verifier key, or several, one of which must have signed it.
 * @param {{ origin?: string, witnesses?: string[], witnessesMin?: number }} [options] - The origin that is expected. Without
 *   it, the origin is the name of a key that has signed, or begins with that and a slash. And the verifier keys of witnesses, of
 *   which so many must have signed it too: all, if that is not given.
 */
async function verifyCheckpoint(note, key, options) {
  if (Array.isArray(key) && key.length === 0)
    throw invalid('key: expected a verifier key, found none');
  const keys = Array.isArray(key) ? await keysAt('key', key, [LOG]) : [await verifierKeyOf(key)];
  const { known, least } = await witnessesOf(options ?? {}, keys);
  const { text, signers, cosigners } = await openNote(note, keys, known);
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
  if (cosigners.length < least) {
    const found = cosigners.length === 0 ? 'none' : cosigners.map(({ name }) => name).join(', ');
    throw notProven(`note: expected the signatures of ${least} of these witnesses, found ${found}`);
  }
  const asked = options?.witnesses === undefined ? {} : { cosigners };
  return { ...checkpoint, signers, ...asked };
}

module.exports = { checkpointText, lineOf, signNote, textOf, verifyCheckpoint };
