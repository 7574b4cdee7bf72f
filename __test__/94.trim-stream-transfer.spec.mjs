// What leaves a log after a stream was trimmed: exports, copies, proofs, archives, and the space of what is out.

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';

import test from 'ava';

import { verifyProof } from '../evidence.mjs';
import { VERIFIER_KEY, checkpointed } from './support/evidence.mjs';
import { appended, failed, queried, succeeded } from './support/response.mjs';
import { inFiles, openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';
import {
  LEFT,
  filled,
  positionsOf,
  range,
  refusedAsTrimmed,
  statsOf,
  trimmedStream,
} from './support/trimming.mjs';

const linesOf = async (stream) => {
  const chunks = await stream.toArray();
  const text = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

test('an export says where events are missing, and is imported where they are', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const whole = await log.exportEvents({ instance: 'log' }).toArray();
  await trimmedStream(t, log, 'a', 5);
  const rest = await log.exportEvents({ instance: 'log' }).toArray();
  const [header, , ...lines] = await linesOf(log.exportEvents({ instance: 'log' }));
  t.is(header.events, 26);
  const events = lines.slice(0, -1);
  t.deepEqual(
    events.map(({ payload }) => payload.n),
    LEFT,
  );
  t.deepEqual(
    events.filter(({ position }) => position !== undefined).map(({ position }) => position),
    [6, 8, 10, 12],
  );
  const other = await openLog(t);
  const refused = await other.importEvents(rest);
  const pattern = /line 7: position: expected at most 5, .*found 6/;
  failed(t, refused, 'importEvents', 'INVALID_ARGUMENT', pattern);
  succeeded(t, await other.importEvents(whole), 'importEvents');
  const again = succeeded(t, await other.importEvents(rest), 'importEvents');
  t.like(again, { events: 0, skippedEvents: 26 });
  // What is out here is not compared, and comes back in no way.
  t.like(succeeded(t, await log.importEvents(whole), 'importEvents'), { events: 0 });
  t.is((await statsOf(t, log)).eventCount, 26);
  const otherText = whole.join('').replace('"n":6', '"n":66');
  failed(t, await log.importEvents([otherText]), 'importEvents', 'IMPORT_CONFLICT', /payload/);
  const back = whole.join('').replace('"sequence_number":1}', '"sequence_number":1,"position":9}');
  const conflict = await other.importEvents([back.replace('"position":9', '"position":0')]);
  failed(t, conflict, 'importEvents', 'INVALID_ARGUMENT', /position: expected a position/);
});

test('what was trimmed is trimmed in a copy that has it, and cannot be copied anew', async (t) => {
  const [source, target, empty] = [await openLog(t), await openLog(t), await openLog(t)];
  await filled(t, source);
  succeeded(t, await source.copyTo(target), 'copyTo');
  await trimmedStream(t, source, 'a', 5);
  await appended(t, source, { instanceId: 'log', streamId: 'a', eventType: 'x' });
  t.like(succeeded(t, await source.copyTo(target), 'copyTo'), { events: 1, skippedEvents: 30 });
  t.deepEqual(await positionsOf(target.readAll({ instance: 'log' })), [...LEFT, 31]);
  t.deepEqual(await statsOf(t, target), await statsOf(t, source));
  // The last event is out.
  await trimmedStream(t, source, 'a', 15);
  t.like(succeeded(t, await source.copyTo(target), 'copyTo'), { events: 0 });
  t.deepEqual(await statsOf(t, target), await statsOf(t, source));
  await appended(t, source, { instanceId: 'log', streamId: 'a', eventType: 'x' });
  t.like(succeeded(t, await source.copyTo(target), 'copyTo'), { events: 1 });
  const refused = await source.copyTo(empty);
  failed(t, refused, 'copyTo', 'TRIMMED', /events before position 32 trimmed/);
});

test('checkpoints and proofs of what is left go on', async (t) => {
  const log = await openLog(t);
  await filled(t, log, 300);
  const sign = () => checkpointed(t, log, 'log');
  const older = await sign();
  await filled(t, log, 20);
  await trimmedStream(t, log, 'a', 155);
  const newer = await sign();
  t.is(newer.size, 320);
  for (const position of [4, 320]) {
    const proven = await log.proveInclusion({ instance: 'log', position });
    const event = await verifyProof(succeeded(t, proven, 'proveInclusion'), newer);
    t.is(event.position, position);
  }
  const out = await log.proveInclusion({ instance: 'log', position: 5 });
  refusedAsTrimmed(t, out, 'proveInclusion', /found 5, which was trimmed/);
  const checkpoints = [older, newer].map(({ note }) => ({
    instance: 'log',
    note,
    key: VERIFIER_KEY,
  }));
  const report = succeeded(t, await log.verify({ checkpoints }), 'verify');
  t.deepEqual([report.intact, report.problems], [true, []]);
});

test('an archive of a stream is read back as an instance with that stream alone', async (t) => {
  const log = await openLog(t);
  const path = await temporaryFolder(t);
  await filled(t, log);
  const archive = { path };
  t.like(await trimmedStream(t, log, 'a', 4, { archive }), { firstSequence: 4, events: 3 });
  t.like(await trimmedStream(t, log, 'a', 9, { archive }), { firstSequence: 9, events: 5 });
  t.like(await trimmedStream(t, log, 'b', 3, { archive }), { events: 2 });
  const [folder] = await readdir(path);
  const home = join(path, folder, 'streams');
  t.deepEqual((await readdir(home)).toSorted(), ['id-a', 'id-b']);
  const manifest = await readFile(join(home, 'id-a', 'manifest.jsonl'), 'utf8');
  const [header, ...files] = manifest
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(header.stream, 'a');
  t.deepEqual(
    files.map(({ first, last }) => [first, last]),
    [
      [1, 3],
      [4, 8],
    ],
  );
  const copy = await openLog(t);
  for (const { file } of files) {
    const source = createReadStream(join(home, 'id-a', file)).pipe(createGunzip());
    succeeded(t, await copy.importEvents(source), 'importEvents');
  }
  const { events } = await queried(t, copy, { from: { instance: 'log', stream: 'a' } });
  t.deepEqual(
    events.map((event) => [event.sequence_number, event.payload.n]),
    range(1, 8).map((number) => [number, 3 + 2 * number]),
  );
  // Nothing goes if an archive is not what was written, or that of something else.
  const trim = (stream, beforeSequence) =>
    log.trimStream({ instance: 'log', stream, beforeSequence, archive });
  await writeFile(join(home, 'id-b', 'manifest.jsonl'), manifest);
  const pattern = /is not the manifest of an archive of this stream/;
  failed(t, await trim('b', 4), 'trimStream', 'INVALID_ARGUMENT', pattern);
  t.is((await statsOf(t, log)).eventCount, 20);
});

test('an archive that was made before a crash is taken for what it is', async (t) => {
  const [log, other] = [await openLog(t), await openLog(t)];
  const path = await temporaryFolder(t);
  await filled(t, log);
  // As if the trim had not come to its end.
  succeeded(t, await other.importEvents(log.exportEvents()), 'importEvents');
  await trimmedStream(t, log, 'a', 4, { archive: { path } });
  t.like(await trimmedStream(t, other, 'a', 6, { archive: { path } }), { events: 5 });
  const [folder] = await readdir(path);
  const files = await readdir(join(path, folder, 'streams', 'id-a'));
  const names = files.filter((file) => file.endsWith('.gz')).toSorted();
  t.deepEqual(
    names.map((name) => name.match(/\d+/gu).map(Number)),
    [
      [1, 3],
      [4, 5],
    ],
  );
});

test('the space comes back when all events before are out', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const events = Array.from({ length: 10_000 }, (_, n) => ({
    streamId: n % 2 === 0 ? 'a' : 'b',
    eventType: 'made',
    payload: { n, text: randomBytes(150).toString('base64') },
  }));
  await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
  const sizes = [];
  const compact = async () => {
    if (!inFiles) return;
    succeeded(t, await log.compact(), 'compact');
    sizes.push((await stat(path)).size);
  };
  await compact();
  await trimmedStream(t, log, 'a', 4501);
  const reduce = { type: 'sum', field: 'payload.n' };
  const sum = async () =>
    (await queried(t, log, { from: { instance: 'log' }, reduce })).aggregation;
  const isLeft = (n) => n % 2 === 1 || n >= 9000;
  const expected = events.reduce((total, { payload: { n } }) => total + (isLeft(n) ? n : 0), 0);
  t.is(await sum(), expected);
  await compact();
  t.is(await sum(), expected);
  t.is((await statsOf(t, log)).eventCount, 5500);
  await trimmedStream(t, log, 'b', 4501);
  t.like(await statsOf(t, log), { eventCount: 1000, firstPosition: 9001 });
  await compact();
  const report = succeeded(t, await log.verify(), 'verify');
  t.deepEqual([report.intact, report.events, report.problems], [true, 1000, []]);
  if (inFiles) t.true(sizes[2] < sizes[1] - 1_000_000, `${sizes}`);
});
