// Checkpoints of instances, proofs of their events, and logs that are compared with checkpoints.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';

import {
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} from '../evidence.mjs';
import { EventLog } from '../index.mjs';
import { SIGNING_KEY, VERIFIER_KEY } from './support/evidence.mjs';
import { created, failed, succeeded } from './support/response.mjs';
import {
  openAt,
  openLog,
  temporaryFolder,
  temporaryPath,
  testOfFiles,
} from './support/temporary.mjs';

const KEY = { key: SIGNING_KEY };

/** Appends so many events to the instance `a`. */
async function append(log, count, payload = (number) => ({ number })) {
  const events = Array.from({ length: count }, (_, index) => ({
    streamId: `s${index % 3}`,
    eventType: 'made',
    payload: payload(index + 1),
    metadata: { by: 'ö' },
  }));
  return log.strict.appendEvents({ instanceId: 'a', autoCreateInstance: true, events });
}

async function checkpointOf(t, log) {
  const data = succeeded(t, await log.checkpoint({ instance: 'a', ...KEY }), 'checkpoint');
  return { ...data, verified: await verifyCheckpoint(data.note, VERIFIER_KEY) };
}

test('a checkpoint is a signed note of the size and the root', async (t) => {
  const log = await openLog(t);
  await append(log, 300);
  const { note, size, root, verified } = await checkpointOf(t, log);
  t.is(size, 300);
  t.deepEqual(verified, {
    origin: 'PeterNeumann/a',
    size: 300,
    root,
    extensions: [],
    signers: ['PeterNeumann'],
  });
  t.is((await checkpointOf(t, log)).note, note);
  await append(log, 1);
  t.not((await checkpointOf(t, log)).root, root);
});

test('an instance without events has the root of nothing', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'a');
  const { size, root } = await checkpointOf(t, log);
  t.is(size, 0);
  t.is(root, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  failed(
    t,
    await log.proveInclusion({ instance: 'a', position: 1 }),
    'proveInclusion',
    'INVALID_ARGUMENT',
    /^position: expected a position from 1 to 0, found 1$/,
  );
});

test('every event is proven by its checkpoint, with the bytes that are stored', async (t) => {
  const log = await openLog(t);
  const payloads = [{ n: 1 }, { text: 'a\ud800b', big: 1e21 }, [1, [2]], {}, { 'ö\u0000': null }];
  await append(log, payloads.length, (number) => payloads[number - 1]);
  const { verified, note } = await checkpointOf(t, log);
  await append(log, 400);
  const later = await checkpointOf(t, log);
  for (const [index, payload] of payloads.entries()) {
    const position = index + 1;
    for (const checkpoint of [verified, later.verified]) {
      const { size } = checkpoint;
      const options = { instance: 'a', position, size };
      const proof = succeeded(t, await log.proveInclusion(options), 'proveInclusion');
      const event = await verifyProof(proof, checkpoint);
      t.deepEqual(JSON.parse(event.payload), payload);
      t.is(event.metadata, '{"by":"ö"}');
      t.is(proof.root, checkpoint.root);
    }
  }
  const early = await log.strict.proveInclusion({ instance: 'a', position: 2, size: 5 });
  const read = readProof(writeProof(early, note));
  t.is((await verifyProof(read.proof, verified)).position, 2);
  await t.throwsAsync(verifyProof(early, later.verified), { code: 'NOT_PROVEN' });
});

test('a checkpoint continues the one before, and this is proven', async (t) => {
  const log = await openLog(t);
  const checkpoints = [];
  for (const count of [1, 3, 252, 1, 300]) {
    await append(log, count);
    checkpoints.push(await checkpointOf(t, log));
  }
  for (const [index, newer] of checkpoints.entries()) {
    for (const older of checkpoints.slice(0, index + 1)) {
      const options = { instance: 'a', oldSize: older.size, newSize: newer.size };
      const proof = succeeded(t, await log.proveConsistency(options), 'proveConsistency');
      await t.notThrowsAsync(verifyConsistency(proof, older.verified, newer.verified));
    }
  }
});

test('many checkpoints at once, in several logs of one file, are of one tree', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await append(log, 700);
  const notes = await Promise.all(Array.from({ length: 8 }, () => checkpointOf(t, log)));
  t.is(new Set(notes.map(({ note }) => note)).size, 1);
  const appends = Promise.all([append(log, 10), append(log, 20), append(log, 30)]);
  const meanwhile = await Promise.all([1, 2, 3].map(() => checkpointOf(t, log)));
  await appends;
  const last = await checkpointOf(t, log);
  t.is(last.size, 760);
  for (const older of meanwhile) {
    const options = { instance: 'a', oldSize: older.size, newSize: last.size };
    const proof = await log.strict.proveConsistency(options);
    await t.notThrowsAsync(verifyConsistency(proof, older.verified, last.verified));
  }
});

testOfFiles('the tree stays when the log is closed, copied and compacted', async (t) => {
  const path = await temporaryPath(t);
  const log = await EventLog.open(path);
  await append(log, 600);
  const first = await checkpointOf(t, log);
  await log.close();
  const again = await openAt(t, path);
  t.is((await checkpointOf(t, again)).note, first.note);
  await again.strict.compact();
  const copied = join(await temporaryFolder(t), 'copy.redb');
  await again.strict.backup(copied);
  const copy = await openAt(t, copied, { readOnly: true });
  // Nothing is to be kept, so a log that is only read can sign too.
  t.is((await checkpointOf(t, copy)).note, first.note);
  const proof = await copy.strict.proveInclusion({ instance: 'a', position: 600 });
  t.is((await verifyProof(proof, first.verified)).position, 600);
});

test('what is exported and imported has the same tree', async (t) => {
  const log = await openLog(t);
  await append(log, 300);
  const first = await checkpointOf(t, log);
  await append(log, 20);
  const second = await checkpointOf(t, log);
  let text = '';
  for await (const chunk of log.exportEvents()) text += chunk;
  const checkpoints = [first, second].map(kept);

  const imported = await openLog(t);
  await imported.strict.importEvents([text]);
  // Nothing was hashed yet, and everything can be.
  t.true((await imported.strict.verify({ checkpoints })).intact);
  const proof = await imported.strict.proveInclusion({ instance: 'a', position: 9, size: 300 });
  t.is((await verifyProof(proof, first.verified)).position, 9);
  t.is((await checkpointOf(t, imported)).note, second.note);
  // It is there already, and the same.
  t.is((await imported.strict.importEvents([text])).skippedEvents, 320);

  // The tree comes to an instance that has the events already, and replaces no other one.
  const later = await openLog(t);
  await later.strict.importEvents([text.replace(/,"salts":"[^"]*"/, '')]);
  await later.strict.importEvents([text]);
  t.is((await checkpointOf(t, later)).note, second.note);
  const other = await openLog(t);
  await other.strict.importEvents([text.replace(/,"salts":"[^"]*"/, '')]);
  await checkpointOf(t, other);
  const conflict = await other.importEvents([text]);
  failed(t, conflict, 'importEvents', 'IMPORT_CONFLICT', /^line 2: .*the salts of the tree/);

  // A line that was altered on the way.
  const altered = await openLog(t);
  await altered.strict.importEvents([text.replace('"number":300}', '"number":301}')]);
  const report = await altered.strict.verify({ checkpoints });
  t.is(report.problemCount, 1);
  t.regex(report.problems[0].what, /of the first 300 events/);

  const wrong = await openLog(t);
  for (const salts of ['', 'AAAA', 'x', '/'.repeat(56)]) {
    const lines = text.replace(/"salts":"[^"]*"/, `"salts":"${salts}"`);
    const response = await wrong.importEvents([lines]);
    failed(t, response, 'importEvents', 'INVALID_ARGUMENT', /^line 2: instance\.salts: expected/);
  }
});

test('an instance that was deleted and made again has a tree of its own', async (t) => {
  const log = await openLog(t);
  await append(log, 3);
  const first = await checkpointOf(t, log);
  await log.strict.deleteInstance('a');
  await append(log, 3);
  const none = await log.proveInclusion({ instance: 'a', position: 1 });
  failed(t, none, 'proveInclusion', 'INVALID_ARGUMENT', /no tree yet: checkpoint makes it/);
  t.not((await checkpointOf(t, log)).root, first.root);
});

test('what a checkpoint cannot be made with is refused, and no key is told', async (t) => {
  const log = await openLog(t);
  await append(log, 1);
  const folder = await temporaryFolder(t);
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, `${SIGNING_KEY}\n`);
  const of = { instance: 'a' };
  const secret = SIGNING_KEY.split('+').at(-1);
  for (const [options, pattern] of [
    [undefined, /^options: expected either key or keyFile to sign with, found neither$/],
    [{ ...of, ...KEY, keyFile }, /found both$/],
    [{ ...of, key: VERIFIER_KEY }, /^options\.key: expected a signing key/],
    [{ ...of, key: `${SIGNING_KEY}A` }, /^options\.key: expected a signing key/],
    [{ ...of, key: 7 }, /^options\.key: expected a signing key.*, found a number$/],
    [{ ...of, keyFile: join(folder, 'none') }, /^options\.keyFile: expected a file/],
    [{ ...of, keyFile: new URL('https://a') }, /^options\.keyFile: expected a file: URL/],
    [{ ...of, keyFile: 7 }, /^options\.keyFile: expected a path or a file: URL, found a number$/],
    [{ ...of, ...KEY, origin: 'a\nb' }, /^options\.origin: expected a line of text/],
    [{ ...of, ...KEY, origin: '' }, /^options\.origin/],
    [{ ...KEY }, /^instance: expected the id or name of an instance, found nothing$/],
    [{ ...of, ...KEY, orgin: 'x' }, /did you mean "origin"\?$/],
    ['a', /^options: expected an object, found a string$/],
  ]) {
    const response = await log.checkpoint(options);
    const error = failed(t, response, 'checkpoint', 'INVALID_ARGUMENT', pattern);
    t.false(error.includes(secret));
  }
  failed(t, await log.checkpoint({ instance: 'b', ...KEY }), 'checkpoint', 'INSTANCE_NOT_FOUND');
  const aborted = { ...of, ...KEY, signal: AbortSignal.abort() };
  failed(t, await log.checkpoint(aborted), 'checkpoint', 'ABORTED');
  const { note } = await log.strict.checkpoint({
    ...of,
    keyFile: pathToFileURL(keyFile),
    origin: 'elsewhere 1',
  });
  t.is((await verifyCheckpoint(note, VERIFIER_KEY, { origin: 'elsewhere 1' })).size, 1);
});

test('a log that is only read does not make the tree, and a closed one makes none', async (t) => {
  const path = await temporaryPath(t);
  const log = await EventLog.open(path);
  await append(log, 1);
  await log.close();
  const reading = await openAt(t, path, { readOnly: true });
  const response = await reading.checkpoint({ instance: 'a', ...KEY });
  failed(t, response, 'checkpoint', 'INVALID_ARGUMENT', /read-only|readOnly/);
  failed(t, await log.checkpoint({ instance: 'a', ...KEY }), 'checkpoint', 'CLOSED');
});

test('ids of instances that a line cannot have are encoded in the origin', async (t) => {
  const log = await openLog(t);
  const instanceId = 'a b+c\nd/é';
  await log.strict.appendEvent({ instanceId, eventType: 't', autoCreateInstance: true });
  const { note } = await log.strict.checkpoint({ instance: instanceId, ...KEY });
  t.is((await verifyCheckpoint(note, VERIFIER_KEY)).origin, 'PeterNeumann/a%20b%2Bc%0Ad%2F%C3%A9');
});

/** The checkpoint as `verify` takes it. */
const kept = ({ note }) => ({ instance: 'a', note, key: VERIFIER_KEY });

test('a log that has what its checkpoints say is intact', async (t) => {
  const log = await openLog(t);
  const checkpoints = [];
  for (const count of [300, 1, 5]) {
    await append(log, count);
    checkpoints.push(kept(await checkpointOf(t, log)));
  }
  await append(log, 100);
  const report = succeeded(t, await log.verify({ checkpoints }), 'verify');
  t.like(report, { intact: true, problemCount: 0, problems: [], events: 406 });
});

test('a log that was made anew is told by every checkpoint, and where it differs', async (t) => {
  const log = await openLog(t);
  await append(log, 10);
  const first = await checkpointOf(t, log);
  await append(log, 10);
  const second = await checkpointOf(t, log);
  const checkpoints = [kept(second), kept(first)];

  // It goes on otherwise after the first checkpoint: from a copy of then, which has the same seed.
  const path = await temporaryPath(t);
  const forged = await openAt(t, path);
  await append(forged, 20);
  let report = await forged.strict.verify({ checkpoints });
  t.false(report.intact);
  t.regex(report.problems[0].what, /expected the tree .* found that the instance has none/);
  await checkpointOf(t, forged);
  report = await forged.strict.verify({ checkpoints });
  t.is(report.problemCount, 1);
  t.regex(report.problems[0].what, /of the first 10 events.*among those after position 0$/s);

  const none = await forged.strict.verify({ checkpoints: [{ ...kept(first), instance: 'b' }] });
  t.regex(none.problems[0].what, /of the instance "b": no instance has/);
});

test('a log that goes on otherwise after a checkpoint is told by the next one', async (t) => {
  const path = await temporaryPath(t);
  const log = await EventLog.open(path);
  await append(log, 10);
  const first = await checkpointOf(t, log);
  const copied = await temporaryPath(t);
  const copy = await EventLog.open(copied);
  await log.strict.copyTo(copy);
  for (const one of [log, copy]) await one.close();

  const own = await openAt(t, path);
  await append(own, 10);
  const second = await checkpointOf(t, own);
  const other = await openAt(t, copied);
  await append(other, 9);
  const checkpoints = [first, second].map(kept);
  t.true((await own.strict.verify({ checkpoints })).intact);
  let report = await other.strict.verify({ checkpoints });
  t.is(report.problemCount, 1);
  t.regex(report.problems[0].what, /^expected the 20 events of a checkpoint, found 19$/);
  await append(other, 1);
  await checkpointOf(t, other);
  report = await other.strict.verify({ checkpoints });
  t.is(report.problemCount, 1);
  t.regex(report.problems[0].what, /of the first 20 events.*among those after position 10$/s);
  t.is(report.problems[0].instanceId, 'a');
});

test('the checkpoint of another instance is refused, and a signal is heard', async (t) => {
  const log = await openLog(t);
  await append(log, 2);
  const own = kept(await checkpointOf(t, log));
  await log.strict.appendEvent({ instanceId: 'b', eventType: 't', autoCreateInstance: true });
  await log.strict.checkpoint({ instance: 'b', ...KEY });
  const checkpoints = [{ ...own, instance: 'b' }];
  const refused = await log.verify({ checkpoints });
  const expected =
    /^options\.checkpoints\[0\]: expected .*PeterNeumann\/b, found one of PeterNeumann\/a$/;
  failed(t, refused, 'verify', 'INVALID_ARGUMENT', expected);

  const controller = new AbortController();
  const call = log.verify({ checkpoints: [own], signal: controller.signal });
  controller.abort();
  failed(t, await call, 'verify', 'ABORTED');
});

test('checkpoints that are none are refused before anything is checked', async (t) => {
  const log = await openLog(t);
  await append(log, 1);
  const own = kept(await checkpointOf(t, log));
  for (const [checkpoints, pattern] of [
    ['x', /^options\.checkpoints: expected an array, found a string$/],
    [[undefined], /^options\.checkpoints\[0\]: expected \{ instance, note, key \}, found nothing$/],
    [[own, { ...own, note: 'x' }], /^options\.checkpoints\[1\]: note: expected/],
    [[{ ...own, note: own.note.replace('\n1\n', '\n2\n') }], /a wrong one$/],
    [[{ ...own, key: SIGNING_KEY }], /found a signing key, which is a secret$/],
    [[{ ...own, instance: 7 }], /^options\.checkpoints\[0\]\.instance: expected/],
    [[{ ...own, sise: 7 }], /^options\.checkpoints\[0\]: unknown .*sise/],
    [[{ ...own, origin: 'b' }], /expected the origin b, found PeterNeumann\/a$/],
  ]) {
    failed(t, await log.verify({ checkpoints }), 'verify', 'INVALID_ARGUMENT', pattern);
  }
});
