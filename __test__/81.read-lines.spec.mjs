// Readers that give the text of events: JSON Lines, in Buffers of whole lines.

import diagnostics from 'node:diagnostics_channel';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { MANY, all, failsWith, fill, logOf } from './support/reading.mjs';
import { appended, created, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const format = 'jsonl';

/** The name of a thread of this process; that of one that has ended meanwhile is empty. */
function threadName(task) {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** The lines of a reader, each without its end. */
async function linesOf(t, reader) {
  const lines = [];
  for (const piece of await all(reader)) {
    t.true(Buffer.isBuffer(piece));
    const text = piece.toString();
    t.true(text.endsWith('\n'));
    lines.push(...text.slice(0, -1).split('\n'));
  }
  return lines;
}

/** Asserts that both forms of a reading have the same events. Returns how many there are. */
async function sameInBoth(t, log, name, options) {
  const events = await all(log[name](options));
  const lines = await linesOf(t, log[name]({ ...options, format }));
  t.deepEqual(
    lines,
    events.map((event) => JSON.stringify(event)),
  );
  return events.length;
}

const ODD = [
  { payload: { numbers: [2 ** 53 + 1, -0, 1e21, 1e-7, 5e-324, 0.1 + 0.2, 123456789012345680000] } },
  { payload: { '\ud800': 'a\udbffb', pair: '🦀\u{10ffff}' } },
  { payload: { separators: '\u2028\u2029', controls: '\0\b\t\n\f\r\x1f\x7f', quotes: '"\\/' } },
  { payload: JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toJSON":2}') },
  { payload: { 10: 'a', 2: 'b', '-1': 'c', '01': 'd', '': {} }, metadata: [[], {}] },
  { payload: [], metadata: { text: 'ﬀ e\u0301' }, streamId: 'a "stream"\n', eventType: 'été\\' },
  { payload: { nested: JSON.parse('['.repeat(2000) + ']'.repeat(2000)) } },
];

test('each line is what JSON.stringify makes of the event', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'an "instance"\t🦀');
  for (const [index, event] of ODD.entries()) {
    const timestamp = new Date(Date.UTC(1 + index * 1_000, index, 1 + index, 23, 59, 59, index));
    const params = { instanceId: 'an "instance"\t🦀', eventType: 't', timestamp, ...event };
    await appended(t, log, params);
  }
  const instance = 'an "instance"\t🦀';
  t.is(await sameInBoth(t, log, 'readAll', { instance }), ODD.length);
  t.is(await sameInBoth(t, log, 'readStream', { instance, stream: 'a "stream"\n' }), 1);
});

test('a line is what is stored, also where JavaScript would read another value', async (t) => {
  const log = await openLog(t);
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  const payload = '{"a":1,"big":12345678901234567890,"a":{"b":1.0}, "z":-0}';
  const time = '2026-01-31T12:00:00.000Z';
  const times = `"createdAt":"${time}","updatedAt":"${time}"`;
  const own = `"id":"${id}","instanceId":"log","stream_id":"s","event_type":"t"`;
  const rest = `"metadata":{},"timestamp":"${time}","sequence_number":1`;
  const lines = [
    '{"format":"codebolt-eventlog","version":1,"instances":1,"events":1}',
    `{"instance":{"id":"log","name":"log",${times}}}`,
    `{${own},"payload":${payload},${rest}}`,
    '{"end":{"instances":1,"events":1}}',
  ];
  succeeded(t, await log.importEvents([`${lines.join('\n')}\n`]), 'importEvents');
  const read = await linesOf(t, log.readAll({ instance: 'log', format }));
  t.deepEqual(read, [`{${own},"payload":${payload},${rest},"position":1}`]);
  const [event] = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(JSON.parse(read[0]), event);
});

test('the bounds of a reading hold for lines as well', async (t) => {
  const { log } = await logOf(t);
  const instance = 'log';
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  for (const [name, options, count] of [
    ['readAll', {}, MANY],
    ['readAll', { direction: 'backward' }, MANY],
    ['readAll', { afterPosition: 9_000, limit: 10 }, 10],
    ['readAll', { limit: 0 }, 0],
    ['readAll', { where }, Math.ceil(MANY / 3)],
    ['readAll', { where, direction: 'backward', limit: 7 }, 7],
    ['readAll', { correlationId: 'correlation 12' }, 3],
    ['readStream', { stream: 'stream 3' }, 1_429],
    ['readStream', { stream: 'stream 3', fromSequence: 1_400 }, 30],
    ['readStream', { stream: 'stream 3', direction: 'backward', limit: 5 }, 5],
    ['readStream', { stream: 'none' }, 0],
  ]) {
    t.is(await sameInBoth(t, log, name, { instance, ...options }), count, JSON.stringify(options));
  }
});

test('many events come in few pieces, and the last line says where to go on', async (t) => {
  const { log } = await logOf(t, MANY, { bytes: 500 });
  const pieces = await all(log.readAll({ instance: 'log', format }));
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  t.true(pieces.length < 20 && bytes > 5 << 20, `${pieces.length} pieces of ${bytes} bytes`);
  // A page is full from one MiB on.
  for (const piece of pieces) t.true(piece.length < (1 << 20) + 2_000, String(piece.length));
  const start = pieces[1].lastIndexOf('\n', -2) + 1;
  const { position } = JSON.parse(pieces[1].subarray(start).toString());
  const rest = log.readAll({ instance: 'log', afterPosition: position, format });
  t.deepEqual(Buffer.concat(await all(rest)), Buffer.concat(pieces.slice(2)));
});

test('events of the largest size come one by one', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const text = 'é'.repeat(8 * 1024 * 1024 - 200);
  for (let n = 0; n < 2; n += 1) {
    await appended(t, log, { instanceId: 'log', eventType: 't', payload: { n, text } });
  }
  const pieces = await all(log.readAll({ instance: 'log', format }));
  t.is(pieces.length, 2);
  const events = await all(log.readAll({ instance: 'log' }));
  for (const [n, piece] of pieces.entries()) {
    t.true(piece.equals(Buffer.from(`${JSON.stringify(events[n])}\n`)));
  }
});

test('what fails with objects fails with lines', async (t) => {
  const { log } = await logOf(t, 5);
  const read = (options) => log.readAll({ instance: 'log', format, ...options });
  await failsWith(t, read({ instance: 'none' }), 'INSTANCE_NOT_FOUND', /none/);
  await failsWith(t, read({ afterPosition: 9 }), 'INVALID_ARGUMENT', /^afterPosition: /);
  await failsWith(
    t,
    read({ format: 'json' }),
    'INVALID_ARGUMENT',
    /^format: expected "jsonl", found "json"$/,
  );
  await failsWith(
    t,
    read({ format: 1 }),
    'INVALID_ARGUMENT',
    /^format: expected "jsonl", found 1$/,
  );
  await failsWith(t, read({ formt: 'jsonl' }), 'INVALID_ARGUMENT', /formt/);
  // What is not given counts as not given.
  t.is((await all(read({ format: null })))[0].payload.n, 0);
});

test('a signal, a deletion and the end of the log end it between two pieces', async (t) => {
  const { log } = await logOf(t, MANY, { bytes: 500 });
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = log.readAll({ instance: 'log', format, signal });
  t.true(Buffer.isBuffer((await aborted.next()).value));
  controller.abort('enough');
  await failsWith(t, aborted, 'ABORTED', /enough$/);

  const left = log.readAll({ instance: 'log', format });
  for await (const piece of left) {
    t.true(piece.length > 0);
    break;
  }
  t.deepEqual(await left.next(), { done: true, value: undefined });

  const deleted = log.readAll({ instance: 'log', format });
  await deleted.next();
  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  // The next page may have been read before.
  await t.throwsAsync(() => all(deleted), { code: 'INSTANCE_NOT_FOUND' });

  await fill(log, 'other', MANY, { bytes: 500 });
  const closed = log.readAll({ instance: 'other', format });
  await closed.next();
  await log.close();
  await t.throwsAsync(() => all(closed), { code: 'CLOSED' });
});

test('lines pass over what was trimmed between others, however many threads make them', async (t) => {
  const { log } = await logOf(t, MANY, { bytes: 500 });
  await log.trimEvents({ instance: 'log', beforePosition: 1_001 });
  await log.trimStream({ instance: 'log', stream: 'stream 2', beforeSequence: 900 });
  const left = (await log.queryEvents({ from: { instance: 'log' }, limit: 1 })).data.result.total;
  t.true(left < MANY - 1_500, String(left));
  for (const direction of ['forward', 'backward']) {
    t.is(await sameInBoth(t, log, 'readAll', { instance: 'log', direction }), left);
  }
  t.is(await sameInBoth(t, log, 'readAll', { instance: 'log', limit: 5_000 }), 5_000);
});

test('a log that is closed while pages are read ahead leaves no thread behind', async (t) => {
  const { log } = await logOf(t, MANY, { bytes: 2_000 });
  const left = log.readAll({ instance: 'log', format });
  for (let n = 0; n < 4; n += 1) t.false((await left.next()).done);
  await left.return();
  const read = log.readAll({ instance: 'log', format });
  for (let n = 0; n < 4; n += 1) t.false((await read.next()).done);
  await log.close();
  // What was read ahead may be given out before.
  await t.throwsAsync(() => all(read), { code: 'CLOSED' });
  if (!existsSync('/proc/self/task')) return;
  // One that has done its work may still be ending, and other tests may have some for a while.
  while (readdirSync('/proc/self/task').map(threadName).includes('eventlog-scan')) {
    await setImmediate();
  }
});

test('one page is read ahead, and no more; listeners are told what each has', async (t) => {
  const log = await openLog(t);
  await fill(log, 'slow', MANY, { bytes: 500 });
  const told = { start: [], asyncEnd: [] };
  for (const [when, contexts] of Object.entries(told)) {
    const listen = (context) => context.instance === 'slow' && contexts.push(context);
    const name = `tracing:codebolt-eventlog:read:${when}`;
    diagnostics.subscribe(name, listen);
    t.teardown(() => diagnostics.unsubscribe(name, listen));
  }
  const reader = log.readAll({ instance: 'slow', format });
  const pieces = [(await reader.next()).value];
  t.is(told.start.length, 2);
  pieces.push(...(await all(reader)));
  t.true(pieces.length > 4);
  // Where the last page was full, another one found out that there was nothing more.
  t.true(told.start.length - pieces.length <= 1);
  const events = told.asyncEnd.reduce((sum, context) => sum + context.events, 0);
  t.is(events, MANY);
  const [first, second] = told.asyncEnd;
  t.is(first.firstPosition, 1);
  t.is(second.firstPosition, first.lastPosition + 1);
  t.is(first.lastPosition, pieces[0].toString().trimEnd().split('\n').length);
});

test('a log with upcasters gives no lines, and what is stored to those who ask for it', async (t) => {
  const path = await temporaryPath(t);
  const made = await EventLog.open(path);
  await fill(made, 'log', 3);
  await made.close();
  const up = (payload) => ({ ...payload, raised: true });
  const upcasters = { other: [{ from: 1, to: 2, up }] };
  const log = await openAt(t, path, { upcasters });
  const refused =
    /^format: expected nothing for a log with upcasters or validateReads, .*log\.typed/;
  await failsWith(t, log.readAll({ instance: 'log', format }), 'INVALID_ARGUMENT', refused);
  const typed = log.typed({});
  t.is((await linesOf(t, typed.readAll({ instance: 'log', format }))).length, 3);
  t.true((await all(log.readAll({ instance: 'log' })))[1].payload.raised);
});
