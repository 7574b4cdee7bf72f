// Witnesses: they sign checkpoints that continue the last one, and auditors ask for their signatures.

import { createHash, createPublicKey, verify } from 'node:crypto';

import test from 'ava';

import {
  EvidenceError,
  cosignCheckpoint,
  generateKeys,
  verifierKeyFor,
  verifyCheckpoint,
} from '../evidence.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const NAME = 'example.com/shop';
const TIME = '2026-01-31T12:00:00.000Z';

/** A log with checkpoints of 3 and of 5 events, and the proof between them. */
async function witnessed(t) {
  const { strict: log } = await openAt(t, await temporaryPath(t), { autoCreateInstances: true });
  const own = await generateKeys(NAME);
  const append = (count) =>
    log.appendEvents({
      instanceId: 'orders',
      events: Array.from({ length: count }, (_, n) => ({ eventType: 'Paid', payload: { n } })),
    });
  const note = async () => (await log.checkpoint({ instance: 'orders', key: own.signingKey })).note;
  await append(3);
  const older = await note();
  await append(2);
  const newer = await note();
  const proof = await log.proveConsistency({ instance: 'orders', oldSize: 3, newSize: 5 });
  return { log, key: own.verifierKey, own, older, newer, proof, note };
}

const witness = (name) => generateKeys(name, { for: 'witness' });

async function refused(t, promise, code, message = /./) {
  const error = await t.throwsAsync(promise, { instanceOf: EvidenceError, message });
  t.is(error.code, code);
}

test('a witness signs what continues the last one, and an auditor is told who has signed, and when', async (t) => {
  const { key, older, newer, proof } = await witnessed(t);
  const [one, other] = [await witness('witness.example/1'), await witness('witness.example/2')];
  const first = await cosignCheckpoint(older, one.signingKey, { key, last: null, time: TIME });
  t.deepEqual(first.checkpoint, await verifyCheckpoint(older, key));
  const second = await cosignCheckpoint(newer, one.signingKey, {
    key,
    last: first.checkpoint,
    proof,
  });
  const both = await cosignCheckpoint(second.note, other.signingKey, {
    key,
    last: null,
    time: TIME,
  });
  t.true(both.note.startsWith(second.note) && second.note.startsWith(newer));
  const witnesses = [one.verifierKey, other.verifierKey];
  const { cosigners, ...checkpoint } = await verifyCheckpoint(both.note, key, { witnesses });
  t.deepEqual(checkpoint, second.checkpoint);
  t.deepEqual(
    cosigners.map(({ name }) => name),
    ['witness.example/1', 'witness.example/2'],
  );
  t.is(cosigners[1].time, TIME);
  t.regex(cosigners[0].time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  // Some are enough.
  const some = { witnesses, witnessesMin: 1 };
  t.deepEqual((await verifyCheckpoint(first.note, key, some)).cosigners, [
    { name: 'witness.example/1', time: TIME },
  ]);
  t.deepEqual((await verifyCheckpoint(older, key, { witnesses, witnessesMin: 0 })).cosigners, []);
  // Those that nobody asks for are passed over.
  t.deepEqual(await verifyCheckpoint(both.note, key), checkpoint);
  // The same size once more needs no proof.
  await cosignCheckpoint(newer, one.signingKey, { key, last: second.checkpoint });
});

test('a cosignature is what the specification says', async (t) => {
  const { key, older } = await witnessed(t);
  const { signingKey, verifierKey } = await witness('witness.example/1');
  const { note } = await cosignCheckpoint(older, signingKey, { key, last: null, time: TIME });
  const [name, id, ...rest] = verifierKey.split('+');
  const base64 = rest.join('+');
  const [type, ...publicKey] = Buffer.from(base64, 'base64');
  t.is(type, 4);
  const hash = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(4, ...publicKey));
  t.is(id, hash.digest('hex').slice(0, 8));
  t.is(await verifierKeyFor(signingKey), verifierKey);
  const [dash, by, signature] = note.trimEnd().split('\n').at(-1).split(' ');
  t.deepEqual([dash, by], ['\u2014', name]);
  const bytes = Buffer.from(signature, 'base64');
  t.is(bytes.subarray(0, 4).toString('hex'), id);
  const seconds = bytes.readBigUInt64BE(4);
  t.is(seconds, BigInt(Date.parse(TIME) / 1000));
  const text = older.slice(0, older.indexOf('\n\n') + 1);
  const x = Buffer.from(publicKey).toString('base64url');
  const own = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  t.true(verify(null, message, own, bytes.subarray(12)));
});

test('a witness signs nothing else', async (t) => {
  const { key, own, older, newer, proof, log, note } = await witnessed(t);
  const { signingKey } = await witness('witness.example/1');
  const last = await verifyCheckpoint(older, key);
  const sign = (of, options) => cosignCheckpoint(of, signingKey, { key, ...options });
  const unproven = 'NOT_PROVEN';
  await refused(t, sign(newer, { last }), unproven, /^proof: expected an object, found nothing$/);
  await refused(t, sign(newer, { last, proof: { ...proof, hashes: [] } }), unproven);
  // A tree that has shrunk, and one that has other events.
  await refused(t, sign(older, { last: await verifyCheckpoint(newer, key), proof }), unproven);
  const forked = { ...last, root: Buffer.alloc(32).toString('base64') };
  await refused(t, sign(newer, { last: forked, proof }), unproven);
  await refused(t, sign(older, { last: forked }), unproven);
  // Another log, which has signed another tree, or nobody.
  const stranger = await generateKeys('stranger.example');
  await refused(t, sign(newer, { key: stranger.verifierKey, last: null }), unproven);
  await refused(t, sign(newer, { origin: `${NAME}/others`, last: null }), unproven);
  await refused(t, sign(newer.replace('\n5\n', '\n6\n'), { last: null }), unproven);
  await log.appendEvents({
    instanceId: 'others',
    events: [{ eventType: 'x' }],
    autoCreateInstance: true,
  });
  const others = await log.checkpoint({ instance: 'others', key: own.signingKey });
  await refused(t, sign(others.note, { last, proof }), unproven, /^newer\.origin: expected/);
  for (const [given, message] of [
    [undefined, /^options: expected an object, found nothing$/],
    [
      { key },
      /^options\.last: expected the last checkpoint that was signed, or null, found nothing$/,
    ],
    [
      { key, last: null, time: 'noon' },
      /^options\.time: expected a time from 1970 on.*found another text$/,
    ],
    [{ key, last: null, time: 7 }, /found a number$/],
    [{ key, last: {}, proof }, /^older: expected what verifyCheckpoint has resolved with/],
  ]) {
    await refused(
      t,
      cosignCheckpoint(await note(), signingKey, given),
      'INVALID_ARGUMENT',
      message,
    );
  }
  const asLog = cosignCheckpoint(newer, own.signingKey, { key, last: null });
  await refused(t, asLog, 'INVALID_ARGUMENT', /^signingKey: .*found that of a log$/);
  const asWitness = log.checkpoint({ instance: 'orders', key: signingKey });
  const error = await t.throwsAsync(asWitness);
  t.regex(error.message, /^options\.key: .*found that of a witness$/);
});

test('an auditor takes no signature for another one', async (t) => {
  const { key, own, older, newer } = await witnessed(t);
  const one = await witness('witness.example/1');
  const { note } = await cosignCheckpoint(older, one.signingKey, { key, last: null, time: TIME });
  const witnesses = [one.verifierKey];
  const expected = /^note: expected the signatures of 1 of these witnesses, found none$/;
  await refused(t, verifyCheckpoint(older, key, { witnesses }), 'NOT_PROVEN', expected);
  const other = await witness('witness.example/1');
  const another = { witnesses: [other.verifierKey] };
  await refused(t, verifyCheckpoint(note, key, another), 'NOT_PROVEN', expected);
  const both = { witnesses: [one.verifierKey, other.verifierKey] };
  await refused(
    t,
    verifyCheckpoint(note, key, both),
    'NOT_PROVEN',
    /of 2 of these witnesses, found witness\.example\/1$/,
  );
  // Its signature of one checkpoint, in another one, and with another time.
  const line = note.slice(older.length);
  const wrong = /^note: expected a signature of witness\.example\/1, found a wrong one$/;
  await refused(t, verifyCheckpoint(newer + line, key, { witnesses }), 'NOT_PROVEN', wrong);
  const [dash, name, base64] = line.trimEnd().split(' ');
  for (const alter of [
    (bytes) => (bytes[11] ^= 1),
    (bytes) => bytes.fill(0xff, 4, 12),
    (bytes) => (bytes[20] ^= 1),
  ]) {
    const bytes = Buffer.from(base64, 'base64');
    alter(bytes);
    const altered = `${older}${dash} ${name} ${bytes.toString('base64')}\n`;
    await refused(t, verifyCheckpoint(altered, key, { witnesses }), 'NOT_PROVEN', wrong);
  }
  // What is no time and signature at all, be it too short or too long.
  for (const length of [5, 11, 12, 13, 75, 77]) {
    const bytes = Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(1)], length);
    const cut = `${older}${dash} ${name} ${bytes.toString('base64')}\n`;
    await refused(t, verifyCheckpoint(cut, key, { witnesses }), 'NOT_PROVEN', wrong);
  }
  // One that signs as a log does may be a witness too, and has no time.
  const { signingKey, verifierKey } = await generateKeys('old.example');
  const { default: notes } = await import('../lib/evidence/note.js');
  const { default: keys } = await import('../lib/evidence/keys.js');
  const text = notes.textOf(older);
  const signed = await notes.signNote(text, await keys.signingKeyOf(signingKey));
  const found = await verifyCheckpoint(older + signed.slice(text.length + 1), key, {
    witnesses: [verifierKey],
  });
  t.deepEqual(found.cosigners, [{ name: 'old.example' }]);
  // Of one witness, the last signature counts; and none of a time that no date has.
  const again = '2026-02-01T00:00:00.000Z';
  const twice = await cosignCheckpoint(note, one.signingKey, { key, last: null, time: again });
  const told = await verifyCheckpoint(twice.note, key, { witnesses });
  t.deepEqual(told.cosigners, [{ name: 'witness.example/1', time: again }]);
  const { default: cosignatures } = await import('../lib/evidence/cosignature.js');
  const named = await keys.signingKeyOf(one.signingKey, 'key', [4]);
  for (const ms of [253_402_300_800_000, 9e15]) {
    const late = notes.lineOf(named, await cosignatures.cosignatureOf(text, named, ms));
    await refused(t, verifyCheckpoint(older + late, key, { witnesses }), 'NOT_PROVEN', wrong);
  }
  // A witness does not speak for a log.
  await refused(
    t,
    verifyCheckpoint(note, one.verifierKey),
    'INVALID_ARGUMENT',
    /found that of a witness$/,
  );
  for (const [options, message] of [
    [{ witnesses: 'x' }, /^options\.witnesses: expected an array, found a string$/],
    [{ witnesses: ['x'] }, /^options\.witnesses\[0\]: expected a verifier key/],
    [{ witnesses: [own.verifierKey] }, /^options\.witnesses\[0\]: expected a key of its own/],
    [
      { witnesses: [one.verifierKey, one.verifierKey] },
      /^options\.witnesses\[1\]: expected a key of its own/,
    ],
    [
      { witnesses, witnessesMin: 2 },
      /^options\.witnessesMin: expected a whole number from 0 to 1, found 2$/,
    ],
    [{ witnesses, witnessesMin: '1' }, /found a string$/],
    [
      { witnessesMin: 1 },
      /^options\.witnesses: expected the verifier keys of witnesses, found none$/,
    ],
  ]) {
    await refused(t, verifyCheckpoint(note, key, options), 'INVALID_ARGUMENT', message);
  }
  await refused(t, generateKeys('a', { for: 'me' }), 'INVALID_ARGUMENT', /^options\.for: expected/);
});
