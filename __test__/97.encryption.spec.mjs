// Events that are encrypted with a key of their subject, and forgotten with it.

import { copyFile, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import test from 'ava';

import { generateKeys, verifyCheckpoint, verifyProof } from '../evidence.mjs';
import {
  KEY,
  OPTIONS,
  SECRET,
  appended,
  eventsOf,
  failed,
  most,
  opened,
  queried,
  succeeded,
} from './support/encrypted.mjs';
import { all } from './support/reading.mjs';
import { openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';
import { decrypt } from './support/xchacha.mjs';

/** More events than a block has. */
const COUNT = 4500;

const QUERIES = [
  { where: [{ field: 'name', operator: 'eq', value: `${SECRET}-3` }] },
  { where: [{ field: 'payload.n', operator: 'between', value: [40, 4200] }], limit: 30 },
  // So many that the first ones are handed over while others are looked for.
  {
    where: [{ field: 'payload.n', operator: 'between', value: [40, 4200] }],
    limit: 300,
    offset: 9,
  },
  { where: [{ field: 'deep.even', operator: 'neq', value: true }], select: ['payload.n'] },
  { where: [{ field: 'metadata.by', operator: 'contains', value: 'by-2' }], limit: 5, offset: 9 },
  { orderBy: { field: 'payload.n', direction: 'desc' }, limit: 4 },
  { where: [{ field: 'missing', operator: 'eq', value: null }], limit: 3 },
  { reduce: { type: 'sum', field: 'payload.n', groupBy: ['metadata.by'] } },
  {
    reduce: { type: 'collect', field: 'payload.name' },
    where: [{ field: 'n', operator: 'lt', value: 9 }],
  },
  { reduce: { type: 'count', groupBy: ['event_type'] } },
  { from: { stream: 's3' }, where: [{ field: 'n', operator: 'gt', value: 100 }], limit: 6 },
  { from: { stream: 's3' }, where: [{ field: 'n', operator: 'gt', value: 100 }] },
  { select: ['sequence_number', 'metadata'], limit: 8, offset: 90 },
];

/** An event without what two logs do not share. */
const plain = ({ id: _, ...event }) => event;

for (const [name, isEncrypted] of Object.entries({
  most,
  all: () => true,
  few: (n) => n % 900 === 7,
})) {
  test(`what is encrypted is found and given as what is not: ${name} of the events`, async (t) => {
    const { path, log } = await opened(t);
    const { log: other } = await opened(t);
    for (let at = 0; at < COUNT; at += 1500) {
      for (const [to, which] of [
        [log, isEncrypted],
        [other, () => false],
      ]) {
        const events = eventsOf(COUNT, which).slice(at, at + 1500);
        succeeded(t, await to.appendEvents({ instanceId: 'log', events }));
      }
    }
    await log.close();
    const again = await openAt(t, path, OPTIONS);
    for (const query of QUERIES) {
      const from = { instance: 'log', ...query.from };
      const [found, expected] = await Promise.all(
        [again, other].map((each) => each.queryEvents({ ...query, from })),
      );
      const [one, two] = [found, expected].map((response) => succeeded(t, response).result);
      const compared = (result) =>
        result.events?.[0]?.id === undefined
          ? result
          : { ...result, events: result.events.map(plain) };
      t.deepEqual(compared(one), compared(two), JSON.stringify(query));
    }
    const read = await all(again.readAll({ instance: 'log' }));
    const expected = await all(other.readAll({ instance: 'log' }));
    t.deepEqual(read.map(plain), expected.map(plain));

    // What is forgotten is told of, also of events that are handed over while others are looked for.
    succeeded(t, await again.forgetSubject('customer-3'));
    const told = await all(again.readAll({ instance: 'log' }));
    for (const [from, isThere] of [
      [{ instance: 'log' }, () => true],
      [{ instance: 'log', stream: 's3' }, ({ stream_id: stream }) => stream === 's3'],
    ]) {
      const where = [{ field: 'position', operator: 'gt', value: 9 }];
      const { events } = queried(t, await again.queryEvents({ from, where, limit: 300 }));
      const after = told.filter((event) => event.position > 9 && isThere(event)).slice(0, 300);
      t.deepEqual(
        events,
        after.map(({ position: _, ...event }) => event),
      );
      if (name !== 'few') t.true(events.some(({ forgotten }) => forgotten !== undefined));
    }
  });
}

test('no file has what was appended, and another implementation decrypts what they have', async (t) => {
  const { path, log } = await opened(t);
  const event = {
    instanceId: 'log',
    streamId: 'stream',
    eventType: 'told',
    payload: { name: SECRET },
    metadata: { by: `${SECRET}-by` },
    encrypt: { subject: 'customer-7' },
  };
  const stored = appended(t, await log.appendEvent(event));
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: Array(5000).fill(event) }));
  const folder = dirname(path);
  const copy = join(folder, 'copy.redb');
  succeeded(t, await log.backup(copy));
  let lines = '';
  for await (const chunk of log.exportEvents()) lines += chunk;
  await log.close();
  const files = await readdir(folder);
  t.true(files.includes('copy.redb') && files.some((name) => name.endsWith('.keyring')));
  t.false(files.some((name) => name.startsWith('copy') && name.endsWith('.keyring')));
  for (const name of files) {
    const bytes = await readFile(join(folder, name));
    t.false(bytes.includes(SECRET), name);
    t.false(bytes.includes(KEY), name);
  }
  t.false(lines.includes(SECRET));

  // The key of the subject, from the keyring.
  const keyring = await readFile(`${path}.keyring`);
  const entry = keyring.subarray(96);
  const subject = entry.subarray(30, 30 + entry.readUInt16LE(28));
  t.is(subject.toString(), 'customer-7');
  const wrapped = entry.subarray(30 + subject.length + 1);
  const id = entry.subarray(4, 20);
  const ofKey = Buffer.concat([
    Buffer.from('codebolt-eventlog key'),
    keyring.subarray(20, 36),
    id,
    subject,
  ]);
  const secret = decrypt(KEY, wrapped.subarray(0, 24), ofKey, wrapped.subarray(24, 72));

  const line = JSON.parse(lines.split('\n').find((text) => text.includes(stored.id)));
  for (const [part, key] of ['payload', 'metadata'].entries()) {
    const envelope = Buffer.from(line[key], 'base64');
    t.is(envelope[0], 1);
    t.deepEqual(envelope.subarray(1, 17), Buffer.from(id));
    const number = (value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes;
    };
    const texts = ['log', 'stream', 'told'].flatMap((text) => [
      number(text.length),
      Buffer.from(text),
    ]);
    const place = Buffer.concat([
      Buffer.from('codebolt-eventlog event'),
      Buffer.from([1, part]),
      Buffer.from(stored.id.replaceAll('-', ''), 'hex'),
      number(Date.parse(stored.timestamp)),
      number(1),
      ...texts,
    ]);
    const text = decrypt(secret, envelope.subarray(17, 41), place, envelope.subarray(41));
    t.deepEqual(JSON.parse(text.toString()), event[key]);
  }
});

test('who forgets a subject forgets it in every copy, and keeps every proof', async (t) => {
  const { path, log } = await opened(t);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(40) }));
  const copy = join(dirname(path), 'copy.redb');
  succeeded(t, await log.backup(copy));
  const { signingKey, verifierKey } = await generateKeys('example.com/log');
  const { note } = succeeded(t, await log.checkpoint({ instance: 'log', key: signingKey }));
  const checkpoint = await verifyCheckpoint(note, verifierKey);

  const { forgottenAt } = succeeded(t, await log.forgetSubject('customer-2'));
  t.is(succeeded(t, await log.forgetSubject('customer-2')).forgottenAt, forgottenAt);
  t.is(succeeded(t, await log.forgetSubject('nobody')).forgottenAt, null);

  const check = async (of) => {
    const events = await all(of.readAll({ instance: 'log' }));
    t.is(events.length, 40);
    for (const [n, event] of events.entries()) {
      t.is(event.position, n + 1);
      const { payload, metadata } = eventsOf(40)[n];
      if (n % 4 === 2) {
        t.deepEqual([event.payload, event.metadata], [{}, {}]);
        t.deepEqual(event.forgotten, { subject: 'customer-2' });
        t.is(event.event_type, eventsOf(40)[n].eventType);
      } else {
        t.deepEqual([event.payload, event.metadata], [payload, metadata]);
        t.false('forgotten' in event);
      }
    }
    const where = [{ field: 'n', operator: 'eq', value: null }];
    const result = queried(t, await of.queryEvents({ from: { instance: 'log' }, where }));
    t.is(result.total, 10);
    t.true(result.events.every(({ forgotten }) => forgotten.subject === 'customer-2'));
    const lines = [];
    for await (const chunk of of.readAll({ instance: 'log', format: 'jsonl' })) lines.push(chunk);
    const parsed = lines
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.deepEqual(parsed, events);
    const select = ['metadata', 'payload.n'];
    const selected = queried(t, await of.queryEvents({ from: { instance: 'log' }, where, select }));
    t.deepEqual(selected.events[0], { metadata: {}, forgotten: { subject: 'customer-2' } });
  };
  await check(log);
  await log.close();
  // A copy that was made before, with the keyring of today; and without any key: what is forgotten needs none.
  const keyring = `${path}.keyring`;
  await check(await openAt(t, copy, { key: KEY, keyring }));
  const again = await openAt(t, path, OPTIONS);
  await check(again);
  for (let position = 1; position <= 40; position += 1) {
    const proof = succeeded(t, await again.proveInclusion({ instance: 'log', position, size: 40 }));
    await verifyProof(proof, checkpoint);
  }
  t.true(succeeded(t, await again.verify()).intact);
  // Whoever comes back has a new key.
  const event = { instanceId: 'log', eventType: 'back', encrypt: { subject: 'customer-2' } };
  succeeded(t, await again.appendEvent({ ...event, payload: { n: 'again' } }));
  const [last] = await all(again.readAll({ instance: 'log', afterPosition: 40 }));
  t.deepEqual(last.payload, { n: 'again' });
});

test('an import has what was encrypted, and is read with the keyring', async (t) => {
  const { path, log } = await opened(t);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(20) }));
  const expected = await all(log.readAll({ instance: 'log' }));
  let lines = '';
  for await (const chunk of log.exportEvents()) lines += chunk;
  const keyring = join(await temporaryFolder(t), 'copy.keyring');
  await copyFile(`${path}.keyring`, keyring);
  const other = await openAt(t, await temporaryPath(t), { key: KEY, keyring });
  t.is(succeeded(t, await other.importEvents([lines])).events, 20);
  t.deepEqual(await all(other.readAll({ instance: 'log' })), expected);
  let again = '';
  for await (const chunk of other.exportEvents()) again += chunk;
  t.is(again, lines);
  const { signingKey: key } = await generateKeys('example.com/log');
  const [one, two] = [log, other].map((each) => each.checkpoint({ instance: 'log', key }));
  t.is(succeeded(t, await one).size, succeeded(t, await two).size);

  // What is moved to another event, or altered, is not taken for what it was there.
  const split = lines.trimEnd().split('\n');
  const at = split.findIndex((line) => line.includes('"payload":"'));
  const [moved, from] = [at, at + 4].map((index) => JSON.parse(split[index]));
  const flipped = (text) => text.replace(/.$/, '') + (text.endsWith('A') ? 'Q' : 'A');
  for (const altered of [
    { payload: from.payload, metadata: from.metadata },
    { payload: moved.metadata, metadata: moved.payload },
    { payload: `${moved.payload.slice(0, 90)}AAAA${moved.payload.slice(94)}` },
    { timestamp: '2020-01-01T00:00:00.000Z' },
    { event_type: 'other' },
  ]) {
    const changed = split.with(at, JSON.stringify({ ...moved, ...altered })).join('\n');
    const damaged = await openAt(t, await temporaryPath(t), { key: KEY, keyring });
    succeeded(t, await damaged.importEvents([`${changed}\n`]));
    const response = await damaged.queryEvents({ from: { instance: 'log' } });
    failed(t, response, 'CORRUPTED', /is not what was written there/);
  }
  for (const [altered, pattern] of [
    [{ payload: 'text' }, /payload: expected an object or an array, found a string/],
    [{ payload: {} }, /metadata: expected what the payload is, found one of both encrypted/],
    [{ payload: flipped(moved.payload).slice(1) }, /payload: expected/],
  ]) {
    const changed = split.with(at, JSON.stringify({ ...moved, ...altered })).join('\n');
    const refusing = await openAt(t, await temporaryPath(t));
    failed(t, await refusing.importEvents([`${changed}\n`]), 'INVALID_ARGUMENT', pattern);
  }
});

test('what is not a subject is refused, and nothing is stored', async (t) => {
  const { path, log } = await opened(t);
  const event = { instanceId: 'log', eventType: 'x' };
  for (const [encrypt, pattern] of [
    ['customer', /^encrypt: expected an object with subject, found "customer"/],
    [{}, /^encrypt\.subject: expected the name of a subject, found nothing/],
    [{ subject: '' }, /^encrypt\.subject: expected/],
    [{ subject: 7 }, /^encrypt\.subject: expected the name of a subject, found 7/],
    [{ subject: 'a', cipher: 'x' }, /^encrypt.*cipher/],
  ]) {
    failed(t, await log.appendEvent({ ...event, encrypt }), 'INVALID_ARGUMENT', pattern);
  }
  const long = { subject: 'x'.repeat(257) };
  failed(t, await log.appendEvent({ ...event, encrypt: long }), 'LIMIT_EXCEEDED', /256 bytes/);
  const batch = { instanceId: 'log', events: [{ eventType: 'x' }], encrypt: { subject: 'a' } };
  failed(t, await log.appendEvents(batch), 'INVALID_ARGUMENT', /encrypt.*each of the `events`/);
  failed(t, await log.forgetSubject(), 'INVALID_ARGUMENT', /^subject: expected the name/);
  failed(t, await log.forgetSubject({ subject: 'a' }), 'INVALID_ARGUMENT', /^subject: expected/);
  t.deepEqual(succeeded(t, await log.listInstances()).instances, []);
  await log.close();
  const files = await readdir(dirname(path));
  t.false(files.some((name) => name.includes('keyring')));
  // The limit is on what is stored.
  const small = await openAt(t, await temporaryPath(t), { ...OPTIONS, eventBytesMax: 300 });
  const payload = { text: 'x'.repeat(150) };
  appended(t, await small.appendEvent({ ...event, payload }));
  const encrypt = { subject: 'a' };
  const refused = await small.appendEvent({ ...event, payload, encrypt });
  failed(t, refused, 'LIMIT_EXCEEDED', /at most 300 bytes .* once it is encrypted/);
});

test('fields of encrypted events are no columns of an export', async (t) => {
  const { log } = await opened(t);
  const columns = { n: { field: 'payload.n', type: 'int64' } };
  const exported = async (options) => {
    let text = '';
    for await (const chunk of log.exportEvents({ format: 'csv', ...options })) text += chunk;
    return text;
  };
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(1) }));
  t.regex(await exported({ columns }), /,0\r\n$/);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(3).slice(1) }));
  const error = await t.throwsAsync(exported({ columns }), { code: 'INVALID_ARGUMENT' });
  t.regex(
    error.message,
    /^options\.columns: expected events that are not encrypted, found event 1/,
  );
  t.is((await exported({})).trimEnd().split('\r\n').length, 4);
});
