'use strict';

// What proofs prove, and the file in which an auditor gets one: C2SP's `tlog-proof`.

const { fromBase64, toBase64, toUtf8 } = require('./bytes.js');
const { invalid, kindOf, notProven } = require('./failure.js');
const { coveredBy, leafOf } = require('./leaf.js');
const {
  expectRoot,
  hashOfLeaf,
  rootByInclusion,
  rootOfNothing,
  rootsByConsistency,
} = require('./merkle.js');

/** A proof in a tree of 2⁵³ leaves has fewer hashes. */
const HASHES_MAX = 64;

const HEADER = 'c2sp.org/tlog-proof@v1';

function hashesOf(hashes) {
  if (!Array.isArray(hashes) || hashes.length > HASHES_MAX) {
    throw notProven(`proof.hashes: expected an array of at most ${HASHES_MAX} hashes`);
  }
  return hashes.map((text, at) => {
    const bytes = fromBase64(text, 32);
    if (bytes?.length === 32) return bytes;
    throw notProven(`proof.hashes[${at}]: expected 32 bytes in base64, found something else`);
  });
}

/** The origin, the size and the root of a checkpoint that the caller has verified. */
function checkpointOf(checkpoint, path) {
  const { origin, size, root } = checkpoint ?? {};
  const bytes = fromBase64(root, 32);
  if (!Number.isSafeInteger(size) || size < 0 || bytes?.length !== 32) {
    throw invalid(
      `${path}: expected what verifyCheckpoint has resolved with, found something else`,
    );
  }
  return { origin, size, root: bytes };
}

function objectOf(proof) {
  if (typeof proof === 'object' && proof !== null) return proof;
  throw notProven(`proof: expected an object, found ${kindOf(proof)}`);
}

function expectSize(path, found, expected) {
  if (found === expected) return;
  throw notProven(`${path}: expected the size of the checkpoint, ${expected}, found ${found}`);
}

/**
 * Verifies that an event is in the tree of a checkpoint, with these very texts of payload and metadata; of one that was
 * erased, that it is there, and nothing of a text of which anything is gone.
 *
 * @param {any} proof - What `proveInclusion` has answered.
 * @param {{ size: number, root: string }} checkpoint - What `verifyCheckpoint` has resolved with.
 */
async function verifyProof(proof, checkpoint) {
  // A copy, before anything is waited for: what is verified is what is returned.
  const covered = coveredBy(proof);
  const { size, hashes } = proof;
  const given = hashesOf(hashes);
  const tree = checkpointOf(checkpoint, 'checkpoint');
  expectSize('proof.size', size, tree.size);
  const { position, event } = covered;
  const leaf = await hashOfLeaf(await leafOf(covered));
  if (position > size) {
    throw notProven(`proof.position: expected at most the size ${size}, found ${position}`);
  }
  const root = await rootByInclusion(leaf, position - 1, size, given);
  expectRoot(root, tree.root, 'the checkpoint');
  const erased = covered.commitments === undefined ? {} : { erased: true };
  return { position, ...event, ...erased };
}

/**
 * Verifies that the tree of one checkpoint begins with that of another of the same origin: nothing of it was changed or
 * removed.
 *
 * @param {any} proof - What `proveConsistency` has answered.
 * @param {{ origin?: string, size: number, root: string }} older - The older checkpoint, as `verifyCheckpoint` has resolved
 *   with it.
 * @param {{ origin?: string, size: number, root: string }} newer - The newer one.
 */
async function verifyConsistency(proof, older, newer) {
  const { oldSize, newSize, hashes } = objectOf(proof);
  const [old, tree] = [checkpointOf(older, 'older'), checkpointOf(newer, 'newer')];
  // Two logs can begin with the same events, and then neither continues the other.
  if (old.origin !== undefined && tree.origin !== undefined && old.origin !== tree.origin) {
    const found = JSON.stringify(tree.origin);
    throw notProven(`newer.origin: expected ${JSON.stringify(old.origin)}, found ${found}`);
  }
  expectSize('proof.oldSize', oldSize, old.size);
  expectSize('proof.newSize', newSize, tree.size);
  if (oldSize > newSize) {
    throw notProven(`proof.oldSize: expected at most ${newSize}, found ${oldSize}`);
  }
  const given = hashesOf(hashes);
  if (oldSize === 0 || oldSize === newSize) {
    if (given.length > 0) throw notProven('proof.hashes: expected none, found some');
    if (oldSize === 0) expectRoot(await rootOfNothing(), old.root, 'the older checkpoint');
    else expectRoot(old.root, tree.root, 'the newer checkpoint');
    return;
  }
  const roots = await rootsByConsistency(oldSize, newSize, old.root, given);
  expectRoot(roots.old, old.root, 'the older checkpoint');
  expectRoot(roots.root, tree.root, 'the newer checkpoint');
}

/**
 * Writes a proof and the checkpoint that it is for as one text, of which an auditor needs nothing else but the key.
 *
 * @param {any} proof - What `proveInclusion` has answered.
 * @param {string} note - The checkpoint, of the same size.
 */
function writeProof(proof, note) {
  const { position, event, salts, commitments } = coveredBy(proof);
  const { hashes } = proof;
  if (!Number.isSafeInteger(position) || position < 1) {
    throw invalid(`proof.position: expected a whole number from 1, found ${String(position)}`);
  }
  if (typeof note !== 'string') throw invalid(`note: expected a text, found ${kindOf(note)}`);
  const extra = toBase64(toUtf8(JSON.stringify({ event, salts, commitments })));
  return [HEADER, `extra ${extra}`, `index ${position - 1}`, ...hashes, '', note].join('\n');
}

/**
 * Reads such a text. Nothing of it is verified by that.
 *
 * @param {string} text - The text.
 */
function readProof(text) {
  const fail = (what) => notProven(`proof: expected ${what}, found something else`);
  if (typeof text !== 'string') throw fail('a text');
  const end = text.indexOf('\n\n');
  if (end === -1) throw fail('lines, an empty line, and a checkpoint');
  const [header, extra, index, ...hashes] = text.slice(0, end).split('\n');
  if (header !== HEADER) throw fail(`${HEADER} in its first line`);
  const bytes = extra?.startsWith('extra ') ? fromBase64(extra.slice(6)) : undefined;
  if (bytes === undefined) throw fail('an event in its second line');
  if (!/^index (?:0|[1-9]\d*)$/.test(index)) throw fail('an index in its third line');
  const note = text.slice(end + 2);
  const size = Number(note.split('\n')[1]);
  let parts;
  try {
    parts = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fail('JSON in its second line');
  }
  const { event, salts, commitments } = parts ?? {};
  const proof = { position: Number(index.slice(6)) + 1, size, event, salts, hashes };
  return { proof: commitments === undefined ? proof : { ...proof, commitments }, note };
}

module.exports = { readProof, verifyConsistency, verifyProof, writeProof };
