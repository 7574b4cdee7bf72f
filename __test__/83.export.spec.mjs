// A log as JSON Lines: one state of it, read as fast as the stream is.

import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';

import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { appended, created, eventsOf, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';
import { exportText, failsWith, linesOf } from './support/transfer.mjs';

/** What a stream holds at the most: what it asks for ahead, and a page. */
const BUFFERED_BYTES_MAX = 512 * 1024 + 2 * 256 * 1024;

/** Appends `count` events of about `bytes` bytes to an instance, which is made if need be. */
async function fill(t, log, instanceId, count, bytes = 1000) {
  const payload = { text: 'x'.repeat(bytes) };
  for (let left = count; left > 0; left -= 1000) {
    const events = new Array(Math.min(left, 1000)).fill({ eventType: 'made', payload });
    const params = { instanceId, autoCreateInstance: true, events };
    succeeded(t, await log.appendEvents(params), 'appendEvents');
  }
}

test('an export has a header, each instance with its events, and an end', async (t) => {
  const log = await openLog(t);
  const orders = await created(t, log, 'orders', 'what was "ordered"');
  const empty = await created(t, log, 'empty');
  for (const streamId of ['a', 'b', 'a']) {
    await appended(t, log, { instanceId: 'orders', streamId, eventType: 'made' });
  }
  await appended(t, log, { instanceId: 'own', eventType: 'made', autoCreateInstance: true });
  const instances = (await log.listInstances()).data.instances;
  t.deepEqual(
    instances.map(({ name }) => name),
    ['orders', 'empty', 'own'],
  );
  const text = await exportText(log);
  t.true(text.endsWith('}\n'));
  t.deepEqual(
    linesOf(text).map((line) => JSON.parse(line)),
    [
      { format: 'codebolt-eventlog', version: 1, instances: 3, events: 4 },
      { instance: instances[0] },
      ...(await eventsOf(t, log, orders.id)),
      { instance: empty },
      { instance: instances[2] },
      ...(await eventsOf(t, log, 'own')),
      { end: { instances: 3, events: 4 } },
    ],
  );
});

test('an empty log is exported as two lines', async (t) => {
  const log = await openLog(t);
  t.is(
    await exportText(log),
    '{"format":"codebolt-eventlog","version":1,"instances":0,"events":0}\n' +
      '{"end":{"instances":0,"events":0}}\n',
  );
});

test('one instance is exported by its id or its name', async (t) => {
  const log = await openLog(t);
  const { id } = await created(t, log, 'one');
  await fill(t, log, 'other', 3);
  await fill(t, log, 'one', 2);
  const text = await exportText(log, { instance: 'one' });
  t.is(await exportText(log, { instance: id }), text);
  const lines = linesOf(text).map((line) => JSON.parse(line));
  t.is(lines.length, 5);
  t.is(lines[1].instance.id, id);
  t.deepEqual(lines.slice(2, 4), await eventsOf(t, log, 'one'));
});

test('payload and metadata are the stored text, byte for byte', async (t) => {
  const log = await openLog(t);
  const texts = [
    '{"__proto__":{"a":1},"constructor":null}',
    '{"lone":"\\ud800","pair":"😀","line":"\u2028"}',
    '[0,1e+21,1e-7,5e-324,"\\u0000"]',
    `${'['.repeat(3000)}${']'.repeat(3000)}`,
    '{"":{"":[]}}',
  ];
  for (const text of texts) {
    const value = JSON.parse(text);
    await appended(t, log, {
      instanceId: 'i',
      eventType: 't',
      payload: value,
      metadata: value,
      autoCreateInstance: true,
    });
  }
  const lines = linesOf(await exportText(log)).slice(2, -1);
  t.is(lines.length, texts.length);
  lines.forEach((line, index) => {
    t.true(line.includes(`"payload":${texts[index]},"metadata":${texts[index]},"timestamp"`));
  });
});

test('it goes through a pipeline into a file, and is read from a log that is only read', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  await fill(t, log, 'i', 3000);
  const file = join(folder, 'events.jsonl');
  await pipeline(log.exportEvents(), createWriteStream(file));
  const text = await readFile(file, 'utf8');
  t.is(linesOf(text).length, 3003);
  await log.close();
  const reader = await openAt(t, path, { readOnly: true });
  t.is(await exportText(reader), text);
});

test('it is a Readable of bytes', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'i', 3);
  const stream = log.exportEvents();
  t.true(stream instanceof Readable);
  for await (const chunk of stream) t.true(Buffer.isBuffer(chunk));
  t.true(stream.readableEnded && stream.destroyed);
});

test('what changes once it has begun is not in it', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'first', 3000);
  await fill(t, log, 'second', 2000);
  const { id } = await created(t, log, 'named', 'before');
  const before = await exportText(log);
  t.true(before.length > 2 * BUFFERED_BYTES_MAX);

  const stream = log.exportEvents();
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    if (chunks.length > 1) continue;
    await fill(t, log, 'first', 10);
    await fill(t, log, 'second', 10);
    await fill(t, log, 'new', 10);
    const updates = { name: 'other', description: 'after' };
    succeeded(t, await log.updateInstance(id, updates), 'updateInstance');
  }
  t.true(Buffer.concat(chunks).toString() === before);
  t.true((await exportText(log)) !== before);
});

test('what another process appends meanwhile is not in it', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 2500);
  const { child, message } = start(
    t,
    `import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1));
    for (let n = 0; ; n += 1) {
      const { data } = await log.appendEvent({ instanceId: 'orders', eventType: 'late' });
      if (n % 20 === 0) process.send(data.event.sequence_number);
    }`,
    { args: [path] },
  );
  await message();
  let text = '';
  let events = 0;
  for await (const chunk of log.exportEvents()) {
    text += chunk;
    if (events > 0) continue;
    ({ events } = JSON.parse(linesOf(text)[0]));
    // What is appended from now on comes while most of the export is not read yet.
    while ((await message()) <= events);
  }
  child.kill('SIGKILL');
  const lines = linesOf(text).map((line) => JSON.parse(line));
  t.true(events > 2500);
  t.deepEqual(lines.at(-1), { end: { instances: 1, events } });
  t.deepEqual(
    lines.slice(2, -1).map((event) => event.sequence_number),
    Array.from({ length: events }, (_, index) => index + 1),
  );
});

for (const again of [false, true]) {
  const name = again ? 'deleted and made again' : 'deleted';
  test(`an instance that is ${name} meanwhile fails the export, and is not mixed up`, async (t) => {
    const log = await openLog(t);
    await fill(t, log, 'first', 10);
    await fill(t, log, 'second', 5000);
    const stream = log.exportEvents();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    // Its events are read already, so that it does not matter.
    succeeded(t, await log.deleteInstance('first'), 'deleteInstance');
    succeeded(t, await log.deleteInstance('second'), 'deleteInstance');
    if (again) await fill(t, log, 'second', 6000);
    const rest = { [Symbol.asyncIterator]: () => iterator, destroyed: true };
    const error = await failsWith(t, rest, 'INSTANCE_NOT_FOUND', /"second" was deleted while/);
    t.true(stream.destroyed && stream.errored === error);
  });
}

test('a slow reader keeps no more in memory than a stream holds', async (t) => {
  const log = await openLog(t);
  // 38 MB, many times what a stream holds. Each event is a quarter of a page.
  await fill(t, log, 'large', 600, 64_000);
  let done = 0;
  const stream = log.exportEvents({ onProgress: (progress) => (done = progress.done) });
  let bytes = 0;
  let highest = 0;
  const slow = new Writable({
    highWaterMark: 1,
    async write(chunk, _, callback) {
      bytes += chunk.length;
      // Time for pages to come: those of an export are read by the same threads.
      for (let call = 0; call < 4; call += 1) await log.listInstances();
      highest = Math.max(highest, stream.readableLength);
      callback();
    },
  });
  await pipeline(stream, slow);
  t.true(bytes > 38_000_000, `${bytes}`);
  t.true(highest > 0 && highest <= BUFFERED_BYTES_MAX, `${highest}`);
  t.is(done, 600);
});

test('nothing is read ahead of a reader who has stopped', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'large', 200, 64_000);
  const stream = log.exportEvents();
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  const held = async () => {
    // Calls are answered in the order of their turns: were a page asked for, it would be here.
    for (let turn = 0; turn < 20; turn += 1) await log.listInstances();
    return stream.readableLength;
  };
  const first = await held();
  t.is(await held(), first);
  t.true(first <= BUFFERED_BYTES_MAX);
  await iterator.return();
  t.true(stream.destroyed);
});

test('progress is told ten times a second at the most, and at the end', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'i', 2500);
  const told = [];
  const began = performance.now();
  await exportText(log, { onProgress: (progress) => told.push(progress) });
  const tenths = Math.floor((performance.now() - began) / 100);
  t.true(told.length >= 2 && told.length <= tenths + 2);
  t.true(told.every(({ total }) => total === 2500));
  t.is(told.at(-1).done, 2500);
  const failing = log.exportEvents({
    onProgress() {
      throw new Error('no');
    },
  });
  await failsWith(t, failing, 'INVALID_ARGUMENT', /^options\.onProgress: it threw: no$/);
});

test('it is called off by its signal: before, unread, and while it is read', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'i', 5000);
  const reason = 'the export was called off by its signal: enough';
  const pattern = new RegExp(`^${reason}$`);
  await failsWith(t, log.exportEvents({ signal: AbortSignal.abort('enough') }), 'ABORTED', pattern);

  const unread = new AbortController();
  const stream = log.exportEvents({ signal: unread.signal });
  unread.abort('enough');
  await log.listInstances();
  await failsWith(t, stream, 'ABORTED', pattern);

  const read = new AbortController();
  const other = log.exportEvents({ signal: read.signal });
  const iterator = other[Symbol.asyncIterator]();
  await iterator.next();
  read.abort('enough');
  t.true(other.destroyed);
  await t.throwsAsync(
    async () => {
      for (;;) if ((await iterator.next()).done) return;
    },
    { code: 'ABORTED', message: reason },
  );
});

test('a reader may leave early, and the log goes on', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'i', 5000);
  const { signal } = new AbortController();
  for (let round = 0; round < 20; round += 1) {
    const stream = log.exportEvents({ signal });
    for await (const chunk of stream) {
      t.truthy(chunk.length);
      break;
    }
    t.true(stream.destroyed);
    // At once, while the first page is on its way.
    const other = log.exportEvents({ signal });
    other.read();
    other.destroy();
  }
  t.is(linesOf(await exportText(log)).length, 5003);
});

test('the log is closed while an export is read or not read', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'i', 5000);
  const unread = log.exportEvents();
  const read = log.exportEvents();
  const iterator = read[Symbol.asyncIterator]();
  await iterator.next();
  await log.close();
  await failsWith(t, unread, 'CLOSED', /^the log was closed/);
  await t.throwsAsync(
    async () => {
      for (;;) if ((await iterator.next()).done) return;
    },
    { code: 'CLOSED' },
  );
  await failsWith(t, log.exportEvents(), 'CLOSED', /^the log was closed/);
});

test('an export that nobody reads keeps no process alive and fails none', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1));
    await log.appendEvent({ instanceId: 'i', eventType: 't', autoCreateInstance: true });
    log.exportEvents();
    log.exportEvents({ instance: 'nobody' });
    const controller = new AbortController();
    log.exportEvents({ signal: controller.signal });
    await log.listInstances();
    controller.abort();
    const stream = log.exportEvents();
    stream.once('readable', () => console.log('read a part'));
    stream.read();`;
  const ended = await run(t, source, { args: [path] });
  t.is(ended.stderr, '');
  t.is(ended.code, 0);
  t.is(ended.stdout, 'read a part\n');
});

const BAD_OPTIONS = [
  [7, /^options: expected an object, found a number$/],
  [[], /^options: expected an object, found an array$/],
  [{ instanceId: 'a' }, /^options: unknown option "instanceId": did you mean "instance"\?$/],
  [{ instance: 7 }, /^options\.instance: expected a string, found 7$/],
  [{ instance: '' }, /^options\.instance: expected a string that is not empty/],
  [{ instance: () => {} }, /^options\.instance: expected JSON, found a function$/],
  [{ signal: {} }, /^options\.signal: expected an AbortSignal, found another object$/],
  [{ onProgress: 1 }, /^options\.onProgress: expected a function, found a number$/],
];

test('options that are not understood fail the stream when it is read', async (t) => {
  const log = await openLog(t);
  for (const [options, pattern] of BAD_OPTIONS) {
    await failsWith(t, log.exportEvents(options), 'INVALID_ARGUMENT', pattern);
  }
  const unknown = log.exportEvents({ instance: 'nobody' });
  await failsWith(
    t,
    unknown,
    'INSTANCE_NOT_FOUND',
    /^instance: no instance has the id or name "nobody"$/,
  );
});

test('a log that cannot be opened fails the stream', async (t) => {
  const folder = await temporaryFolder(t);
  const ended = await run(
    t,
    `import { eventLog } from '${addon}';
    try {
      for await (const chunk of eventLog.exportEvents()) console.log(String(chunk));
    } catch ({ code }) {
      console.log(code);
    }`,
    { env: { CODEBOLT_EVENTLOG_PATH: folder } },
  );
  t.is(ended.stdout, 'INVALID_ARGUMENT\n', ended.stderr);
});
