// Exceptions in the place of failed responses.

import { join } from 'node:path';

import test from 'ava';

import { generateKeys } from '../evidence.mjs';
import { EventLog, EventLogError, eventLog, unwrap } from '../index.mjs';
import { all } from './support/reading.mjs';
import { created, succeeded } from './support/response.mjs';
import { openLog, temporaryFolder, testOfFiles } from './support/temporary.mjs';

const event = { instanceId: 'orders', eventType: 'made' };

test('unwrap gives the data of a success, and throws the failure', async (t) => {
  const log = await openLog(t);
  const response = await log.createInstance('orders');
  t.is(unwrap(response), response.data);
  const failed = await log.createInstance('orders');
  const error = t.throws(() => unwrap(failed), { instanceOf: EventLogError });
  t.is(error.code, 'INSTANCE_EXISTS');
  t.is(error.message, failed.error);
  t.regex(error.stack, /21\.strict\.spec/);
});

test('a failure that is thrown says what stood in its way', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.appendEvent({ ...event, expectedSequence: 3 });
  const { code, conflict } = t.throws(() => unwrap(response));
  t.is(code, 'SEQUENCE_CONFLICT');
  t.deepEqual(conflict, response.conflict);
});

test('unwrap refuses what is no response, such as a promise that was not awaited', async (t) => {
  for (const wrong of [
    undefined,
    null,
    {},
    'text',
    Buffer.from('{}'),
    Promise.resolve({ success: true }),
  ]) {
    const message = /^response: expected a response of a log, found /;
    t.throws(() => unwrap(wrong), { code: 'INVALID_ARGUMENT', message });
  }
  const message = /, found a promise: await it$/;
  t.throws(() => unwrap(Promise.resolve({ success: true })), { message });
});

test('each method of strict that resolves with a response resolves with its data', async (t) => {
  const log = await openLog(t);
  const { strict } = log;
  const { instance } = await strict.createInstance('orders', 'text');
  t.deepEqual(await strict.getInstance('orders'), { instance });
  t.deepEqual(await strict.listInstances(), { instances: [instance] });
  await strict.updateInstance('orders', { description: 'other' });
  const { event: appended } = await strict.appendEvent(event);
  const { events, count } = await strict.appendEvents({ instanceId: 'orders', events: [event] });
  t.is(count, 1);
  const { result } = await strict.queryEvents({ from: { instance: 'orders' } });
  t.deepEqual(result.events, [appended, ...events]);
  t.is((await strict.getInstanceStats('orders')).eventCount, 2);
  t.is((await strict.listStreams({ instance: 'orders' })).streams.length, 1);
  t.deepEqual((await strict.listConsumers({ instance: 'orders' })).consumers, []);
  t.is((await strict.deleteSnapshots({ instance: 'orders' })).count, 0);
  t.deepEqual(await strict.applyRetention(), { instances: [] });
  t.is((await strict.trimEvents({ instance: 'orders', beforePosition: 1 })).events, 0);
  const ofNone = { instance: 'orders', stream: 'none', beforeSequence: 1 };
  t.is((await strict.trimStream(ofNone)).firstSequence, 1);
  t.deepEqual((await strict.listErasures({ instance: 'orders' })).erasures, []);
  const { signingKey: key } = await generateKeys('k');
  t.is((await strict.checkpoint({ instance: 'orders', key })).size, 2);
  t.is((await strict.proveInclusion({ instance: 'orders', position: 1 })).size, 2);
  t.is((await strict.proveConsistency({ instance: 'orders', oldSize: 1 })).newSize, 2);
  await t.throwsAsync(strict.forgetSubject('nobody'), { code: 'KEY_UNAVAILABLE' });
  await t.throwsAsync(strict.rotateKey(new Uint8Array(32)), { code: 'KEY_UNAVAILABLE' });
  t.true((await strict.verify()).intact);
  t.true((await strict.metrics()).commits > 0);
  t.is((await strict.importEvents(log.exportEvents())).skippedEvents, 2);
  t.is((await strict.deleteInstance('orders')).instance.id, instance.id);
});

testOfFiles('those that copy a file and make it shorter do so as well', async (t) => {
  const { strict } = await openLog(t);
  await strict.createInstance('orders');
  const path = join(await temporaryFolder(t), 'copy.redb');
  t.is((await strict.backup(path)).instances, 1);
  t.true((await strict.compact()).bytesAfter > 0);
  const nothing = { instance: 'orders', positions: [], reason: 'none' };
  t.is((await strict.eraseEvents(nothing)).events, 0);
});

test('each of them rejects with the failure, where the call was made', async (t) => {
  const { strict } = await openLog(t);
  const none = { instance: 'none', consumer: 'c' };
  for (const [method, args] of Object.entries({
    createInstance: [''],
    getInstance: ['none'],
    updateInstance: ['none', {}],
    deleteInstance: ['none'],
    appendEvent: [event],
    appendEvents: [{ instanceId: 'orders', events: [event] }],
    queryEvents: [{ from: { instance: 'none' } }],
    getInstanceStats: ['none'],
    listStreams: [none],
    listConsumers: [none],
    resetConsumer: [{ ...none, position: 0 }],
    deleteConsumer: [none],
    deleteSnapshots: [none],
    trimEvents: [none],
    trimStream: [none],
    eraseEvents: [none],
    listErasures: [none],
    applyRetention: [{ instance: 'none' }],
    checkpoint: [none],
    proveInclusion: [none],
    proveConsistency: [none],
    forgetSubject: [''],
    rotateKey: ['short'],
    importEvents: ['text'],
    copyTo: ['text'],
    verify: [{ unknown: 1 }],
    backup: [''],
    compact: [{ unknown: 1 }],
  })) {
    const error = await t.throwsAsync(
      strict[method](...args),
      { instanceOf: EventLogError },
      method,
    );
    t.regex(error.code, /^(INVALID_ARGUMENT|INSTANCE_NOT_FOUND)$/, method);
    t.regex(error.stack, /21\.strict\.spec/, method);
  }
});

test('strict has every other method as it is, and works without its object', async (t) => {
  const log = await openLog(t);
  const { appendEvent, readAll, project, strict, close } = { ...log.strict, strict: log.strict };
  t.is(log.strict, strict);
  await appendEvent({ ...event, autoCreateInstance: true });
  t.is((await all(readAll({ instance: 'orders' }))).length, 1);
  const counted = await project({ instance: 'orders', initial: 0, apply: (n) => n + 1 });
  t.is(counted.state, 1);
  for (const [name, method] of Object.entries(log)) {
    if (name !== 'typed') t.is(typeof strict[name], typeof method, name);
  }
  await close();
  await t.throwsAsync(strict.listInstances(), { code: 'CLOSED' });
});

test('the default log has strict, too', (t) => {
  t.is(typeof eventLog.strict.appendEvent, 'function');
});

test('a typed log is the log itself', async (t) => {
  const log = await openLog(t);
  t.is(log.typed(), log);
  const { typed } = log;
  t.is(typed(), log);
  t.true(log.typed() instanceof EventLog);
  const response = await log.typed().createInstance('orders');
  succeeded(t, response, 'createInstance');
});
