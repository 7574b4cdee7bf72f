// Proofs: whatever one is, nothing is proven by it but what is so.
//
// An input is the text of a proof with its checkpoint, as auditors get it; or JSON text of an object, which is taken for
// a proof of an event, and for one of consistency.

import evidence from '../../../lib/evidence/exports.js';
import leaves from '../../../lib/evidence/leaf.js';
import merkle from '../../../lib/evidence/merkle.js';
import primitives from '../../../lib/evidence/primitives.js';

const { EvidenceError, readProof, verifyConsistency, verifyProof, writeProof } = evidence;
const sha256 = (bytes) => primitives.primitives.sha256(bytes);

const base64 = (bytes) => Buffer.from(bytes).toString('base64');

/** The events, of which the last one was erased. */
const PROOFS = Array.from({ length: 7 }, (_, at) => ({
  position: at + 1,
  event: {
    id: `00000000-0000-7000-8000-00000000000${at}`,
    stream_id: ['s', 'ö'][at % 2],
    event_type: 'tested',
    timestamp: `2026-01-0${at + 1}T00:00:00.000Z`,
    sequence_number: 1 + (at >> 1),
    payload: at === 6 ? null : `{"n":${at}}`,
    metadata: at === 6 ? null : '{}',
  },
  ...(at === 6
    ? {
        salts: null,
        commitments: {
          payload: base64(Buffer.alloc(32, 1)),
          metadata: base64(Buffer.alloc(32, 2)),
        },
      }
    : { salts: { payload: base64(Buffer.alloc(32, at)), metadata: base64(Buffer.alloc(32, 9)) } }),
}));

const hashes = await Promise.all(
  PROOFS.map(async (proof) => merkle.hashOfLeaf(await leaves.leafOf(leaves.coveredBy(proof)))),
);

/** Where a tree of so many leaves is divided. */
function middleOf(count) {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The root of leaves: MTH of RFC 9162. */
async function rootOf(of) {
  if (of.length === 0) return sha256(new Uint8Array());
  if (of.length === 1) return of[0];
  const middle = middleOf(of.length);
  const both = await Promise.all([rootOf(of.slice(0, middle)), rootOf(of.slice(middle))]);
  return sha256(Buffer.concat([Buffer.of(1), ...both]));
}

/** PATH of RFC 9162. */
async function pathOf(at, of) {
  if (of.length === 1) return [];
  const middle = middleOf(of.length);
  const [left, right] = [of.slice(0, middle), of.slice(middle)];
  return at < middle
    ? [...(await pathOf(at, left)), await rootOf(right)]
    : [...(await pathOf(at - middle, right)), await rootOf(left)];
}

/** SUBPROOF of RFC 9162. */
async function subproofOf(old, of, isWhole) {
  if (old === of.length) return isWhole ? [] : [await rootOf(of)];
  const middle = middleOf(of.length);
  const [left, right] = [of.slice(0, middle), of.slice(middle)];
  return old <= middle
    ? [...(await subproofOf(old, left, isWhole)), await rootOf(right)]
    : [...(await subproofOf(old - middle, right, false)), await rootOf(left)];
}

/** The checkpoints of all sizes, by their sizes. */
const checkpoints = await Promise.all(
  Array.from({ length: PROOFS.length + 1 }, async (_, size) => ({
    origin: 'example.com/log',
    size,
    root: base64(await rootOf(hashes.slice(0, size))),
  })),
);

const noteOf = ({ origin, size, root }) =>
  `${origin}\n${size}\n${root}\n\n\u2014 example.com/log AAAAAAA=\n`;

export async function seeds() {
  const all = [];
  for (const { size } of checkpoints.slice(1)) {
    const of = hashes.slice(0, size);
    for (const at of [size >> 1, size - 1]) {
      const proof = { ...PROOFS[at], size, hashes: (await pathOf(at, of)).map(base64) };
      all.push(JSON.stringify(proof), writeProof(proof, noteOf(checkpoints[size])));
    }
    const old = (size + 1) >> 1;
    const subproof = (await subproofOf(old, of, true)).map(base64);
    all.push(JSON.stringify({ oldSize: old, newSize: size, hashes: subproof }));
  }
  return all.map((text) => Buffer.from(text));
}

/** What was proven; `undefined` if it was refused as it should be. */
async function proven(verify) {
  try {
    return (await verify()) ?? null;
  } catch (error) {
    if (error instanceof EvidenceError && error.code === 'NOT_PROVEN') return undefined;
    throw error;
  }
}

/** A proof that is not what was made, and is the same in what it proves, is fine. */
async function inclusion(proof) {
  for (const checkpoint of checkpoints) {
    const event = await proven(() => verifyProof(proof, checkpoint));
    if (event === undefined) continue;
    const { position, erased, ...own } = event;
    const truth = PROOFS[position - 1];
    const isSame =
      position <= checkpoint.size && JSON.stringify(own) === JSON.stringify(truth.event);
    if (!isSame || (erased === true) !== (position === 7)) {
      throw new Error(`it was proven: ${JSON.stringify(event)} of ${checkpoint.size}`);
    }
    const again = readProof(writeProof(proof, noteOf(checkpoint)));
    await verifyProof(again.proof, checkpoint);
  }
}

/** Of trees of these events, only those that begin with each other may be proven to. */
async function consistency(proof) {
  for (const older of checkpoints) {
    for (const newer of checkpoints) {
      const is = await proven(() => verifyConsistency(proof, older, newer));
      if (is !== undefined && older.size > newer.size) throw new Error('a tree has shrunk');
      const forged = { ...older, root: base64(Buffer.alloc(32, 3)) };
      const isForged = await proven(() => verifyConsistency(proof, forged, newer));
      if (isForged !== undefined) throw new Error('another tree was proven to be the beginning');
    }
  }
}

/** @param {Buffer} bytes - The input. */
export async function run(bytes) {
  const text = bytes.toString('utf8');
  if (text.startsWith('c2sp.org')) {
    const read = await proven(() => readProof(text));
    if (read !== undefined) await inclusion(read.proof);
    return;
  }
  let proof;
  try {
    proof = JSON.parse(text);
  } catch {
    return;
  }
  await inclusion(proof);
  await consistency(proof);
}
