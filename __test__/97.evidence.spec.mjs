// What an auditor verifies, without a log: keys, signed notes, roots and proofs.

import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { createRequire } from 'node:module';

import test from 'ava';
import fc from 'fast-check';

import {
  EvidenceError,
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} from 'codebolt-eventlog/evidence';

import { SIGNING_KEY, VERIFIER_KEY } from './support/evidence.mjs';

const require = createRequire(import.meta.url);
const { checkpointText, signNote } = require('../lib/evidence/note.js');
const { signingKeyOf } = require('../lib/evidence/keys.js');
const { leafOf } = require('../lib/evidence/leaf.js');

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

/** The example of Go's documents of `golang.org/x/mod/sumdb/note`, signed with the key there. */
const GO_NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n\n" +
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

// By the definitions of RFC 9162, in the simplest way there is.
const split = (count) => 2 ** Math.floor(Math.log2(count - 1));

function rootOf(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const at = split(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, at)), rootOf(leaves.slice(at)));
}

function pathOf(index, leaves) {
  if (leaves.length === 1) return [];
  const at = split(leaves.length);
  return index < at
    ? [...pathOf(index, leaves.slice(0, at)), rootOf(leaves.slice(at))]
    : [...pathOf(index - at, leaves.slice(at)), rootOf(leaves.slice(0, at))];
}

function subproofOf(old, leaves, isWhole) {
  if (old === leaves.length) return isWhole ? [] : [rootOf(leaves)];
  const at = split(leaves.length);
  return old <= at
    ? [...subproofOf(old, leaves.slice(0, at), isWhole), rootOf(leaves.slice(at))]
    : [...subproofOf(old - at, leaves.slice(at), false), rootOf(leaves.slice(0, at))];
}

function eventOf(position) {
  return {
    position,
    event: {
      id: `00000000-0000-7000-8000-${String(position).padStart(12, '0')}`,
      stream_id: 'ö',
      event_type: 't',
      timestamp: new Date(position).toISOString(),
      sequence_number: position,
      payload: `{"n":${position}}`,
      metadata: '{}',
    },
    salts: { payload: base64(sha256(Buffer.of(position))), metadata: base64(sha256()) },
  };
}

async function leavesOf(count) {
  const events = Array.from({ length: count }, (_, at) => eventOf(at + 1));
  const contents = await Promise.all(events.map((event) => leafOf(event)));
  return contents.map((content) => sha256(Buffer.of(0), content));
}

const treeOf = (leaves) => ({ size: leaves.length, root: base64(rootOf(leaves)) });

/** Fails unless the call rejects as evidence that proves nothing. */
async function notProven(t, call, message = /./) {
  await t.throwsAsync(call, { instanceOf: EvidenceError, code: 'NOT_PROVEN', message });
}

test('a leaf has the bytes that its description says', async (t) => {
  const own = eventOf(258);
  const commitment = (name) =>
    sha256(Buffer.of(2), Buffer.from(own.salts[name], 'base64'), Buffer.from(own.event[name]));
  const expected = Buffer.concat([
    Buffer.of(1, 2, 1, 0, 0, 0, 0, 0, 0),
    Buffer.from('00000000000070008000000000000258', 'hex'),
    Buffer.of(2, 1, 0, 0, 0, 0, 0, 0),
    Buffer.of(2, 1, 0, 0, 0, 0, 0, 0),
    Buffer.of(2, 0, 0, 0, 0xc3, 0xb6, 1, 0, 0, 0, 0x74),
    commitment('payload'),
    commitment('metadata'),
  ]);
  t.deepEqual(Buffer.from(await leafOf(own)), expected);
});

test('every proof of inclusion in a small tree is verified, and none for another event', async (t) => {
  const all = await leavesOf(20);
  for (let size = 1; size <= all.length; size += 1) {
    const leaves = all.slice(0, size);
    const tree = treeOf(leaves);
    for (let position = 1; position <= size; position += 1) {
      const hashes = pathOf(position - 1, leaves).map(base64);
      const proof = { ...eventOf(position), size, hashes };
      t.like(await verifyProof(proof, tree), { position, payload: `{"n":${position}}` });
      const other = { ...eventOf(position === size ? size + 1 : position + 1), size, hashes };
      await notProven(t, verifyProof(other, tree));
    }
  }
});

test('every proof of consistency of small trees is verified, and none for another tree', async (t) => {
  const all = await leavesOf(20);
  for (let newSize = 1; newSize <= all.length; newSize += 1) {
    const leaves = all.slice(0, newSize);
    for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
      const hashes = subproofOf(oldSize, leaves, true).map(base64);
      const proof = { oldSize, newSize, hashes };
      const [older, newer] = [treeOf(leaves.slice(0, oldSize)), treeOf(leaves)];
      await t.notThrowsAsync(verifyConsistency(proof, older, newer));
      const wrong = { ...older, root: base64(sha256(Buffer.of(9))) };
      await notProven(t, verifyConsistency(proof, wrong, newer), /root/);
      await notProven(
        t,
        verifyConsistency({ ...proof, hashes: [...hashes, older.root] }, older, newer),
      );
      if (hashes.length > 0) {
        await notProven(t, verifyConsistency({ ...proof, hashes: hashes.slice(1) }, older, newer));
      }
    }
  }
  // Two logs that begin alike, which is what the proof proves of their trees.
  const proof = {
    oldSize: 2,
    newSize: 3,
    hashes: subproofOf(2, all.slice(0, 3), true).map(base64),
  };
  const [two, three] = [treeOf(all.slice(0, 2)), treeOf(all.slice(0, 3))];
  const of = (origin, tree) => ({ ...tree, origin });
  await t.notThrowsAsync(verifyConsistency(proof, of('log/a', two), of('log/a', three)));
  await t.notThrowsAsync(verifyConsistency(proof, two, of('log/a', three)));
  await notProven(
    t,
    verifyConsistency(proof, of('log/a', two), of('log/b', three)),
    /newer\.origin: expected "log\/a", found "log\/b"/,
  );
  const empty = treeOf([]);
  await t.notThrowsAsync(
    verifyConsistency({ oldSize: 0, newSize: 20, hashes: [] }, empty, treeOf(all)),
  );
  await notProven(
    t,
    verifyConsistency(
      { oldSize: 0, newSize: 20, hashes: [] },
      { ...treeOf(all), size: 0 },
      treeOf(all),
    ),
  );
});

test('a proof with anything altered proves nothing', async (t) => {
  const leaves = await leavesOf(13);
  const tree = treeOf(leaves);
  const proof = { ...eventOf(6), size: 13, hashes: pathOf(5, leaves).map(base64) };
  const alter = {
    position: 5,
    size: 12,
    hashes: proof.hashes.toReversed(),
    event: { ...proof.event, payload: '{"n":7}' },
    salts: { ...proof.salts, payload: proof.salts.metadata },
  };
  await t.notThrowsAsync(verifyProof(proof, tree));
  for (const [key, value] of Object.entries(alter)) {
    await notProven(t, verifyProof({ ...proof, [key]: value }, tree));
    await notProven(t, verifyProof({ ...proof, [key]: undefined }, tree));
  }
  for (const key of Object.keys(proof.event)) {
    const event = { ...proof.event, [key]: key === 'sequence_number' ? 7 : `${proof.event[key]} ` };
    await notProven(t, verifyProof({ ...proof, event }, tree));
  }
  await notProven(t, verifyProof({ ...proof, hashes: [...proof.hashes, tree.root] }, tree), /more/);
  await notProven(t, verifyProof({ ...proof, hashes: proof.hashes.slice(1) }, tree));
});

test('what is returned is what was verified, and nothing else of the proof', async (t) => {
  const leaves = await leavesOf(3);
  const tree = treeOf(leaves);
  const proof = { ...eventOf(2), size: 3, hashes: pathOf(1, leaves).map(base64) };
  const more = { ...proof.event, position: 777, instanceId: 'other', amount: 5 };
  t.deepEqual(await verifyProof({ ...proof, event: more }, tree), { position: 2, ...proof.event });

  const changing = { ...proof, event: { ...proof.event } };
  const verified = verifyProof(changing, tree);
  changing.event.payload = '{"n":3}';
  changing.position = 3;
  t.deepEqual(await verified, { position: 2, ...proof.event });
});

test('a time that is none is not proven', async (t) => {
  const own = eventOf(1);
  const leaf = async (timestamp) => leafOf({ ...own, event: { ...own.event, timestamp } });
  await t.notThrowsAsync(leaf('2024-02-29T00:00:00.000Z'));
  for (const time of [
    '2024-02-30T00:00:00.000Z',
    '2024-01-01T24:00:00.000Z',
    '2024-13-01T00:00:00.000Z',
    '+002024-01-01T00:00:00.000Z',
    '2024-01-01T00:00:00Z',
    '2024-01-01T01:00:00.000+01:00',
    7,
  ]) {
    await notProven(t, leaf(time), /expected a time in UTC/);
  }
});

test('a large event is proven by a file as any other, and large texts are refused', async (t) => {
  const own = eventOf(1);
  const event = { ...own.event, payload: JSON.stringify('x'.repeat(16 << 20)) };
  const proof = { ...own, event, size: 1, hashes: [] };
  const root = sha256(Buffer.of(0), await leafOf(proof));
  const read = readProof(writeProof(proof, 'log\n1\n'));
  t.is((await verifyProof(read.proof, { size: 1, root: base64(root) })).payload, event.payload);
  const long = 'A'.repeat(12e6);
  const salts = { ...own.salts, payload: long };
  await notProven(t, verifyProof({ ...proof, salts }, { size: 1, root: base64(root) }));
  await notProven(t, verifyProof({ ...proof, hashes: [long] }, { size: 1, root: base64(root) }));
});

test('whatever a proof, a note or a file is, it is refused and nothing else happens', async (t) => {
  const leaves = await leavesOf(3);
  const tree = treeOf(leaves);
  const { verifierKey } = await generateKeys('k');
  const refused = async (call) => {
    const error = await call().then(
      () => undefined,
      (thrown) => thrown,
    );
    return error instanceof EvidenceError && error.code === 'NOT_PROVEN';
  };
  const lines = fc.array(
    fc.oneof(fc.string(), fc.base64String(), fc.constant('\u2014 k AAAAAAA=')),
  );
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(fc.anything(), lines, async (value, parts) => {
        const note = parts.join('\n');
        return (
          (await refused(() => verifyProof(value, tree))) &&
          (await refused(() => verifyConsistency(value, tree, tree))) &&
          (await refused(() => verifyCheckpoint(note, verifierKey))) &&
          (await refused(async () => readProof(note)))
        );
      }),
    ),
  );
});

test('a note that Go has signed is verified, and its key has the id that Go gives it', async (t) => {
  // It is a note and no checkpoint: what is said of it comes after its signature was verified.
  await notProven(t, verifyCheckpoint(GO_NOTE, VERIFIER_KEY), /lines of a checkpoint/);
  const altered = GO_NOTE.replace('answer', 'Answer');
  await notProven(t, verifyCheckpoint(altered, VERIFIER_KEY), /a wrong one/);
});

test('a text that is signed with a key of Go is the note that Go makes of it', async (t) => {
  const text = GO_NOTE.slice(0, GO_NOTE.indexOf('\n\n') + 1);
  t.is(await signNote(text, await signingKeyOf(SIGNING_KEY)), GO_NOTE);
});

test('a signed checkpoint is verified by its key alone', async (t) => {
  const { signingKey, verifierKey } = await generateKeys('example.com/log');
  const root = base64(sha256());
  const text = checkpointText('example.com/log/orders', 7, root);
  const note = await signNote(text, await signingKeyOf(signingKey));
  const checkpoint = await verifyCheckpoint(note, verifierKey);
  t.deepEqual(checkpoint, {
    origin: 'example.com/log/orders',
    size: 7,
    root,
    extensions: [],
    signers: ['example.com/log'],
  });
  // The signature is one of the text, by whoever else verifies it.
  const [, , key] = verifierKey.split(/\+(.*?)\+(.*)/);
  const x = Buffer.from(key, 'base64').subarray(1).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signature = Buffer.from(note.trimEnd().split(' ').at(-1), 'base64').subarray(4);
  t.true(verifySignature(null, Buffer.from(text), publicKey, signature));

  const other = await generateKeys('example.com/log');
  await notProven(t, verifyCheckpoint(note, other.verifierKey), /found none/);
  await t.notThrowsAsync(verifyCheckpoint(note, [other.verifierKey, verifierKey]));
  await notProven(t, verifyCheckpoint(note.replace('\n7\n', '\n8\n'), verifierKey), /a wrong one/);
});

test('signatures of others are passed over, and a wrong one of a known key is not', async (t) => {
  const [own, witness] = [await generateKeys('log'), await generateKeys('witness')];
  const text = checkpointText('log', 0, base64(sha256()));
  const note = await signNote(text, await signingKeyOf(own.signingKey));
  const line = (await signNote(text, await signingKeyOf(witness.signingKey))).slice(
    text.length + 1,
  );
  const both = note + line;
  t.deepEqual((await verifyCheckpoint(both, own.verifierKey)).signers, ['log']);
  const keys = [own.verifierKey, witness.verifierKey];
  t.deepEqual((await verifyCheckpoint(both, keys)).signers, ['log', 'witness']);
  const wrong = note + (await signNote('x\n', await signingKeyOf(witness.signingKey))).slice(3);
  t.deepEqual((await verifyCheckpoint(wrong, own.verifierKey)).signers, ['log']);
  await notProven(t, verifyCheckpoint(wrong, keys), /of witness, found a wrong one/);
});

test('the origin is that of the key, or the one that is expected', async (t) => {
  const { signingKey, verifierKey } = await generateKeys('log');
  const signed = async (origin) =>
    signNote(checkpointText(origin, 1, base64(sha256())), await signingKeyOf(signingKey));
  const note = await signed('log/a');
  await t.notThrowsAsync(verifyCheckpoint(note, verifierKey, { origin: 'log/a' }));
  await notProven(t, verifyCheckpoint(note, verifierKey, { origin: 'log/b' }), /origin log\/b/);
  await notProven(t, verifyCheckpoint(await signed('log2'), verifierKey), /found log2/);
  await t.notThrowsAsync(verifyCheckpoint(await signed('log2'), verifierKey, { origin: 'log2' }));
});

test('a checkpoint has three lines that are right, whoever has signed it', async (t) => {
  const { signingKey, verifierKey } = await generateKeys('log');
  const root = base64(sha256());
  const key = await signingKeyOf(signingKey);
  for (const text of [
    'log\n',
    'log\n1\n',
    `log\n01\n${root}\n`,
    `log\n-1\n${root}\n`,
    `log\n1e3\n${root}\n`,
    `log\n9007199254740992\n${root}\n`,
    `log\n1\n${root}A\n`,
    `log\n1\n${root.slice(4)}\n`,
    `\n1\n${root}\n`,
  ]) {
    await notProven(
      t,
      signNote(text, key).then((note) => verifyCheckpoint(note, verifierKey)),
    );
  }
  const more = await signNote(`log\n1\n${root}\nmore\n`, key);
  t.deepEqual((await verifyCheckpoint(more, verifierKey)).extensions, ['more']);
});

test('what is no key is refused without being shown', async (t) => {
  const { signingKey, verifierKey } = await generateKeys('log');
  const refused = (call, message) =>
    t.throwsAsync(call, { instanceOf: EvidenceError, code: 'INVALID_ARGUMENT', message });
  // Base64 may have a + too.
  const secret = signingKey.split('+').slice(4).join('+');
  for (const key of ['', 'log', `${signingKey}A`, signingKey, 7, undefined, [], ['x']]) {
    const error = await refused(verifyCheckpoint('x', key), /^key/);
    t.false(error.message.includes(secret));
  }
  for (const key of [verifierKey, signingKey.replace('log', 'lug'), `${signingKey}AAAA`, null]) {
    const error = await refused(signingKeyOf(key), /^key/);
    t.false(error.message.includes(secret));
  }
  for (const name of ['', 'a b', 'a+b', 'a\n', 'a\u00a0b', undefined]) {
    await refused(generateKeys(name), /^name/);
  }
});

test('a proof as a file is read as it was written', async (t) => {
  const leaves = await leavesOf(9);
  const proof = { ...eventOf(4), size: 9, hashes: pathOf(3, leaves).map(base64) };
  const { signingKey, verifierKey } = await generateKeys('log');
  const { size, root } = treeOf(leaves);
  const note = await signNote(checkpointText('log', size, root), await signingKeyOf(signingKey));
  const text = writeProof(proof, note);
  t.true(text.startsWith('c2sp.org/tlog-proof@v1\nextra '));
  t.true(text.includes(`\nindex 3\n${proof.hashes[0]}\n`));
  const read = readProof(text);
  t.deepEqual(read, { proof, note });
  const checkpoint = await verifyCheckpoint(read.note, verifierKey);
  t.like(await verifyProof(read.proof, checkpoint), { position: 4 });
});
