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
 * The root that a proof of inclusion leads to.
 *
 * @param {Uint8Array} leaf - The hash of the leaf.
 * @param {number} index - Its index, from 0.
 * @param {number} size - The size of the tree, which is above the index.
 * @param {Uint8Array[]} hashes - The proof.
 */
async function rootByInclusion(leaf, index, size, hashes) {
  let [at, last] = [BigInt(index), BigInt(size) - 1n];
  let root = leaf;
  for (const hash of hashes) {
    if (last === 0n) throw tooLong();
    if (isOdd(at) || at === last) {
      root = await hashOfNode(hash, root);
      while (!isOdd(at) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      root = await hashOfNode(root, hash);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw tooShort();
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
  for (const hash of rest) {
    if (last === 0n) throw tooLong();
    if (isOdd(at) || at === last) {
      old = await hashOfNode(hash, old);
      root = await hashOfNode(hash, root);
      while (!isOdd(at) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      root = await hashOfNode(root, hash);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw tooShort();
  return { old, root };
}

/** Fails unless a root is the one that is expected. */
function expectRoot(root, expected, what) {
  if (!areEqual(root, expected)) {
    throw notProven(`proof: expected that it leads to the root of ${what}, found that it does not`);
  }
}

module.exports = { expectRoot, hashOfLeaf, rootByInclusion, rootOfNothing, rootsByConsistency };
