// A log in another one: what is kept, what is compared, and copies that are run again.

import { randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, start } from './support/child.mjs';
import { append, copied, filled, refused, shown, sum } from './support/copying.mjs';
import { SIGNING_KEY } from './support/evidence.mjs';
import { consumerOf, handle, mailer, parkedOf } from './support/parking.mjs';
import { all } from './support/reading.mjs';
import { failed } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';
import { exportText } from './support/transfer.mjs';

test('everything is kept: events, instances, keys, consumers, snapshots and trees', async (t) => {
  const source = await openLog(t);
  const { call, event } = await filled(t, source);
  const target = await openLog(t);
  const counts = { instances: 3, events: 44, skippedInstances: 0, skippedEvents: 0 };
  t.deepEqual(await copied(t, source, target), counts);
  t.deepEqual(await shown(t, target), await shown(t, source));
  // The tree is the same, with the salts that are random.
  const checkpoints = [source, target].map((log) =>
    log.strict.checkpoint({ instance: 'log', key: SIGNING_KEY }),
  );
  const [own, other] = await Promise.all(checkpoints);
  t.is(own.note, other.note);
  // The call was made, and has its answer.
  t.deepEqual((await target.strict.appendEvent(call)).event, event);
  // A snapshot is read, and no event.
  const before = (await target.strict.metrics()).eventsRead;
  t.is((await target.strict.project({ instance: 'log', ...sum })).state, 820);
  t.is((await target.strict.metrics()).eventsRead, before);
  t.deepEqual(await parkedOf(t, target), [3, 7]);
  t.deepEqual(await handle(target, 1, []), [13]);
  t.true((await target.strict.verify()).intact);
});

test('a copy that is run again skips what is there, and goes on with what is new', async (t) => {
  const source = await openLog(t);
  await filled(t, source);
  const target = await openLog(t);
  await copied(t, source, target);
  const same = { instances: 0, events: 0, skippedInstances: 3, skippedEvents: 44 };
  t.deepEqual(await copied(t, source, target), same);

  const notGiven = { signal: null, onProgress: undefined, follow: null, until: null };
  t.deepEqual(await copied(t, source, target, notGiven), same);

  await append(source, 'log', 5, 100);
  await append(source, 'new', 2);
  await source.strict.updateInstance('described', { name: 'renamed', description: 'again' });
  await handle(source, 3, [14]);
  await source.strict.retryParked({ ...mailer, positions: [3] });
  const more = { instances: 1, events: 7, skippedInstances: 3, skippedEvents: 44 };
  t.deepEqual(await copied(t, source, target), more);
  t.deepEqual(await shown(t, target), await shown(t, source));
  await source.strict.deleteConsumer(mailer);
  t.is((await copied(t, source, target)).events, 0);
  t.deepEqual((await target.strict.listConsumers({ instance: 'log' })).consumers, []);
});

test('what an import has stored is compared, and the copy goes on after it', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 100);
  const target = await openLog(t);
  await target.strict.importEvents(source.exportEvents());
  await append(source, 'log', 1, 101);
  const counts = { instances: 0, events: 1, skippedInstances: 1, skippedEvents: 100 };
  t.deepEqual(await copied(t, source, target), counts);
  t.is(await exportText(target), await exportText(source));
});

test('another log than the beginning of this one is refused, and left as it is', async (t) => {
  const source = await openLog(t);
  await append(source, 'a', 5);
  await append(source, 'log', 50);
  const base = await openLog(t);
  await copied(t, source, base);
  await append(source, 'a', 1, 6);
  const appended = /instance "log": expected what a copy has stored, found events that were/;
  const cases = [
    [/instance "own": expected an empty log, or the beginning/, (log) => append(log, 'own', 1)],
    [appended, (log) => append(log, 'log', 1)],
    [/found consumers, snapshots or other states/, (log) => handle(log, 1, [])],
  ];
  for (const [pattern, change] of cases) {
    const target = await openLog(t);
    await copied(t, base, target);
    await change(target);
    const before = await exportText(target);
    await refused(t, source, target, 'IMPORT_CONFLICT', pattern);
    t.is(await exportText(target), before);
  }
});

test('events that differ are found by their position, and states that no copy has put', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 50);
  const text = await exportText(source);
  const target = await openLog(t);
  await target.strict.importEvents([text.replace('"payload":{"n":33,', '"payload":{"n":34,')]);
  await refused(t, source, target, 'IMPORT_CONFLICT', /instance "log": position 33: expected the/);
  const longer = await openLog(t);
  await longer.strict.importEvents([text]);
  await append(longer, 'log', 1, 51);
  await refused(t, source, longer, 'IMPORT_CONFLICT', /at most the 50 events .*, found 51$/);
  const moved = await openLog(t);
  await moved.strict.importEvents([text]);
  await handle(moved, 1, []);
  await refused(t, source, moved, 'IMPORT_CONFLICT', /snapshots and other states .*, or none/);
  t.is((await consumerOf(t, moved)).position, 1);
});

test('arguments that are wrong are refused, and nothing is stored', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 1);
  const target = await openLog(t);
  for (const [other, options, pattern] of [
    [undefined, {}, /^other: expected a log, as EventLog\.open gives it, found nothing$/],
    ['log.redb', {}, /^other: expected a log, .* found a string$/],
    [{ ...target }, {}, /^other: expected a log, .* found another object$/],
    [source, {}, /^other: expected another log, found this one$/],
    [source.typed(), {}, /^other: expected another log, found this one$/],
    [target, { follow: 1 }, /^options\.follow: expected true or false, found a number$/],
    [target, { until: AbortSignal.abort() }, /^options\.until: expected it with follow: true/],
    [target, { follow: true, until: 1 }, /^options\.until: expected an AbortSignal, found/],
    [target, { folow: true }, /folow/],
    [target, { onProgress: 1 }, /^options\.onProgress: expected a function, found a number$/],
  ]) {
    await refused(t, source, other, 'INVALID_ARGUMENT', pattern, options);
  }
  const none = await refused(t, source, target, 'ABORTED', /called off by its signal: enough$/, {
    signal: AbortSignal.abort('enough'),
  });
  t.regex(none, /^the copy/);
  const boom = () => {
    throw new Error('boom');
  };
  await refused(t, source, target, 'INVALID_ARGUMENT', /it threw: boom$/, { onProgress: boom });
  t.deepEqual((await target.strict.listInstances()).instances, []);
});

testOfFiles(
  'one file under two paths is one log, and a log that is read-only is none to copy to',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await append(log, 'log', 1);
    const same = await openAt(t, path);
    await refused(t, log, same, 'INVALID_ARGUMENT', /found the same file$/);
    const otherPath = await temporaryPath(t);
    await copyFile(path, otherPath);
    const empty = await temporaryPath(t);
    await (await EventLog.open(empty)).close();
    const reader = await openAt(t, empty, { readOnly: true });
    await refused(t, log, reader, 'INVALID_ARGUMENT', /^the other log: .*readOnly: true/);
    // From one that is read-only it is copied.
    const memory = await openAt(t, ':memory:');
    t.is((await copied(t, await openAt(t, path, { readOnly: true }), memory)).events, 1);
  },
);

test('an event that is too large for the other log is named, and those before it are there', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 2);
  const payload = { text: 'x'.repeat(5000) };
  await source.strict.appendEvent({ instanceId: 'log', eventType: 'large', payload });
  const target = await openLog(t, { eventBytesMax: 4096 });
  const pattern = /^the other log: instance "log", position 3: expected an event of at most 4096/;
  await refused(t, source, target, 'LIMIT_EXCEEDED', pattern);
  t.deepEqual((await target.strict.listInstances()).instances, []);
});

// A log that a server keeps takes no key.
testOfFiles(
  'what is encrypted is copied as it is stored, and read with the same keys',
  async (t) => {
    const key = randomBytes(32);
    const path = await temporaryPath(t);
    const source = await openAt(t, path, { key, autoCreateInstances: true });
    const encrypt = { subject: 'ada' };
    const payload = { name: 'Ada' };
    await source.strict.appendEvent({ instanceId: 'log', eventType: 'made', payload, encrypt });
    const targetPath = await temporaryPath(t);
    const target = await openAt(t, targetPath);
    await copied(t, source, target);
    t.is(await exportText(target), await exportText(source));
    const response = await target.queryEvents({ from: { instance: 'log' } });
    failed(t, response, 'queryEvents', 'KEY_UNAVAILABLE');
  },
);

/** A process that copies a log, tells of each page, and goes on when it is told to. */
const COPYING = `
  import { EventLog } from '${addon}';
  const [from, to] = process.argv.slice(1);
  const source = await EventLog.open(from, { readOnly: true });
  const target = await EventLog.open(to);
  const { success, error } = await source.copyTo(target, {
    onProgress: ({ done }) => process.send(done),
  });
  process.send({ success, error });
  await source.close();
  await target.close();
  process.disconnect();
`;

test('one that is killed at any moment goes on where it stopped, and doubles nothing', async (t) => {
  const path = await temporaryPath(t);
  const source = await openAt(t, path);
  const payload = { text: 'x'.repeat(40_000) };
  for (let n = 0; n < 300; n += 100) {
    const events = Array.from({ length: 100 }, () => ({ eventType: 'made', payload }));
    await source.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
  }
  await handle(source, 5, [2]);
  const target = await temporaryPath(t);
  let kills = 0;
  for (; kills < 2; kills += 1) {
    const { child, message, ended } = start(t, COPYING, { args: [path, target] });
    await message();
    child.kill('SIGKILL');
    await ended;
  }
  const { message } = start(t, COPYING, { args: [path, target] });
  let last = await message();
  while (typeof last === 'number') last = await message();
  t.deepEqual(last, { success: true });
  const other = await openAt(t, target);
  t.is(await exportText(other), await exportText(source));
  t.deepEqual(await consumerOf(t, other), await consumerOf(t, source));
  t.true((await other.strict.verify()).intact);
});

test('what was trimmed is trimmed in a copy that has it, and cannot be copied anew', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 50);
  const target = await openLog(t);
  await copied(t, source, target);
  await source.strict.trimEvents({ instance: 'log', beforePosition: 31 });
  await append(source, 'log', 5, 51);
  const counts = { instances: 0, events: 5, skippedInstances: 1, skippedEvents: 50 };
  t.deepEqual(await copied(t, source, target), counts);
  const reading = target.readAll({ instance: 'log', afterPosition: 30 });
  t.is((await all(reading)).length, 25);
  await t.throwsAsync(all(target.readAll({ instance: 'log', afterPosition: 29 })), {
    code: 'TRIMMED',
  });
  t.is(await exportText(target), await exportText(source));
  t.is((await copied(t, source, target)).events, 0);
  // All of it, so that there is no last event to be looked at.
  await source.strict.trimEvents({ instance: 'log', beforePosition: 56 });
  t.is((await copied(t, source, target)).events, 0);
  await append(source, 'log', 1, 60);
  t.is((await copied(t, source, target)).events, 1);

  const empty = await openLog(t);
  await refused(t, source, empty, 'TRIMMED', /instance "log": expected the events from position 1/);
  t.deepEqual((await empty.strict.listInstances()).instances, []);
});

test('two copies side by side store everything once', async (t) => {
  const source = await openLog(t);
  await filled(t, source);
  const target = await openLog(t);
  await Promise.all([copied(t, source, target), copied(t, source, target)]);
  t.deepEqual(await shown(t, target), await shown(t, source));
});

test('events that are appended meanwhile are copied, or not, and nothing is torn', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 500);
  const target = await openLog(t);
  const appending = (async () => {
    for (let n = 0; n < 20; n += 1) {
      await append(source, 'log', 5, 1000 + n * 5);
      await handle(source, 1, []);
    }
  })();
  await copied(t, source, target);
  const { position } = await consumerOf(t, target).catch(() => ({ position: 0 }));
  t.true(position <= (await target.strict.getInstanceStats('log')).eventCount);
  await appending;
  await copied(t, source, target);
  t.is(await exportText(target), await exportText(source));
});
