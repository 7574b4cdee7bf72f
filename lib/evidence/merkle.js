'use strict';

// The verification of proofs, as RFC 9162 says it in 2.1.3.2 and 2.1.4.2. Numbers are BigInts: those of JavaScript have no
// bits beyond 32.

const { areEqual, concat } = require('./bytes.js');
const { notProven } = require('./failure.js');
const { primitives } = require('./primitives.js');

/** The hash of a leaf. */
function hashOfLeaf(content) {
  return primitives.sha256(concat(Uint8Array.of(0), content));
}

/** The hash of a node. */
function hashOfNode(left, right) {
  return primitives.sha256(concat(Uint8Array.of(1), left, right));
}

/** The root of the tree without leaves. */
function rootOfNothing() {
  return primitives.sha256(new Uint8Array());
}

const isOdd = (number) => (number & 1n) === 1n;

function tooShort() {
  return notProven('proof.hashes: expected as many as lead to the root, found fewer');
}

function tooLong() {
  return notProven('proof.hashes: expected as many as lead to the root, found more');
}

/**
 * Goes up from a node to the root, by one hash of a proof at a time.
 *
 * @param {bigint} at - The index of the node within its level.
 * @param {bigint} last - That of the last node of the level.
 * @param {Uint8Array[]} hashes - The hashes of the proof.
 * @param {(hash: Uint8Array, isLeft: boolean) => Promise<void>} join - Joins what was reached with such a hash, which is to
 *   the left of it or to its right.
 */
async function climb(at, last, hashes, join) {
  for (const hash of hashes) {
    if (last === 0n) throw tooLong();
    const isLeft = isOdd(at) || at === last;
    await join(hash, isLeft);
    if (isLeft) {
      while (!isOdd(at) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw tooShort();
}

/**
 * The root that a proof of inclusion leads to.
 *
 * @param {Uint8Array} leaf - The hash of the leaf.
 * @param {number} index - Its index, from 0.
 * @param {number} size - The size of the tree, which is above the index.
 * @param {Uint8Array[]} hashes - The proof.
 */
async function rootByInclusion(leaf, index, size, hashes) {
  let root = leaf;
  await climb(BigInt(index), BigInt(size) - 1n, hashes, async (hash, isLeft) => {
    root = isLeft ? await hashOfNode(hash, root) : await hashOfNode(root, hash);
  });
  return root;
}

/**
 * The two roots that a proof of consistency leads to.
 *
 * @param {number} oldSize - The size of the old tree, at least 1 and below the new one.
 * @param {number} newSize - That of the new tree.
 * @param {Uint8Array} oldRoot - The root of the old tree.
 * @param {Uint8Array[]} hashes - The proof.
 */
async function rootsByConsistency(oldSize, newSize, oldRoot, hashes) {
  const isPower = (BigInt(oldSize) & (BigInt(oldSize) - 1n)) === 0n;
  const [first, ...rest] = isPower ? [oldRoot, ...hashes] : hashes;
  if (first === undefined) throw tooShort();
  let [at, last] = [BigInt(oldSize) - 1n, BigInt(newSize) - 1n];
  while (isOdd(at)) {
    at >>= 1n;
    last >>= 1n;
  }
  let [old, root] = [first, first];
  await climb(at, last, rest, async (hash, isLeft) => {
    if (isLeft) old = await hashOfNode(hash, old);
    root = isLeft ? await hashOfNode(hash, root) : await hashOfNode(root, hash);
  });
  return { old, root };
}

/** Fails unless a root is the one that is expected. */
function expectRoot(root, expected, what) {
  if (!areEqual(root, expected)) {
    throw notProven(`proof: expected that it leads to the root of ${what}, found that it does not`);
  }
}

module.exports = { expectRoot, hashOfLeaf, rootByInclusion, rootOfNothing, rootsByConsistency };
