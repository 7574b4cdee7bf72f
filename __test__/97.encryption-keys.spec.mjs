// The key that the keys of subjects are encrypted with: how it is given and changed, and logs without it or its keyring.

import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, runForJson } from './support/child.mjs';
import {
  KEY,
  OPTIONS,
  appended,
  eventsOf,
  failed,
  opened,
  queried,
  succeeded,
} from './support/encrypted.mjs';
import { all } from './support/reading.mjs';
import { openAt } from './support/temporary.mjs';

test('without the key, what shows or looks into payloads fails, and nothing else', async (t) => {
  const { path, log } = await opened(t);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(20) }));
  succeeded(t, await log.forgetSubject('customer-1'));
  await log.close();
  const wrong = await t.throwsAsync(EventLog.open(path, { key: randomBytes(32) }));
  t.is(wrong.code, 'KEY_UNAVAILABLE');
  const without = await openAt(t, path);
  const from = { instance: 'log' };
  const code = 'KEY_UNAVAILABLE';
  failed(t, await without.queryEvents({ from }), code, /without `key`/);
  const where = [{ field: 'n', operator: 'gt', value: 1 }];
  failed(t, await without.queryEvents({ from, where, select: ['id'] }), code, /is encrypted/);
  failed(
    t,
    await without.queryEvents({ from, reduce: { type: 'sum', field: 'n' } }),
    code,
    /encrypted/,
  );
  await t.throwsAsync(all(without.readAll(from)), { code });
  const encrypt = { subject: 'customer-3' };
  failed(t, await without.appendEvent({ instanceId: 'log', eventType: 'x', encrypt }), code, /key/);
  failed(t, await without.rotateKey(randomBytes(32)), code, /key/);
  const failIf = { where };
  failed(t, await without.appendEvent({ instanceId: 'log', eventType: 'x', failIf }), code, /key/);
  // What needs none.
  const rare = [{ field: 'event_type', operator: 'eq', value: 'rare' }];
  const select = ['event_type', 'timestamp'];
  t.is(queried(t, await without.queryEvents({ from, where: rare, select })).events.length, 4);
  const count = { type: 'count', groupBy: ['stream_id'] };
  t.is(queried(t, await without.queryEvents({ from, reduce: count })).total, 20);
  const open = [{ field: 'sequence_number', operator: 'gt', value: 2 }];
  const plainly = await without.queryEvents({ from, where: [...open, ...rare], select });
  t.true(queried(t, plainly).total > 0);
  t.true(succeeded(t, await without.verify()).intact);
  succeeded(
    t,
    await without.appendEvent({
      instanceId: 'log',
      eventType: 'x',
      failIf: { where: open, afterPosition: 20 },
    }),
  );
});

test('a key is given as bytes, as their base64, by a function, or by the environment', async (t) => {
  const { path, log } = await opened(t);
  const event = { instanceId: 'log', eventType: 'x', payload: { n: 1 }, encrypt: { subject: 's' } };
  appended(t, await log.appendEvent(event));
  await log.close();
  const base64 = KEY.toString('base64');
  for (const key of [base64, new Uint8Array(KEY), () => KEY, async () => base64]) {
    const again = await openAt(t, path, { key });
    const { events } = queried(t, await again.queryEvents({ from: { instance: 'log' } }));
    t.deepEqual(events[0].payload, { n: 1 });
    await again.close();
  }
  for (const [key, pattern] of [
    ['short', /^options\.key: expected 32 bytes, or their base64, found another string$/],
    [Buffer.alloc(31), /found 31 bytes$/],
    [7, /^options\.key: expected .*, found a number$/],
    [() => undefined, /^options\.key: expected .*, found nothing$/],
    [Promise.resolve(KEY), /found a promise: await it$/],
  ]) {
    const error = await t.throwsAsync(EventLog.open(path, { key }), { code: 'INVALID_ARGUMENT' });
    t.regex(error.message, pattern);
  }
  const thrown = new Error('the service is away');
  const refused = await t.throwsAsync(EventLog.open(path, { key: () => Promise.reject(thrown) }));
  t.is(refused.code, 'KEY_UNAVAILABLE');
  t.regex(refused.message, /the service is away/);
  t.is(refused.cause, thrown);
  const file = join(dirname(path), 'key');
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1));
    const { data } = await log.queryEvents({ from: { instance: 'log' } });
    await log.close();
    console.log(JSON.stringify(data.result.events[0].payload));
  `;
  for (const [env, content] of [
    [{ CODEBOLT_EVENTLOG_KEY: base64 }, ''],
    [{ CODEBOLT_EVENTLOG_KEY_FILE: file }, `${base64}\n`],
    [{ CODEBOLT_EVENTLOG_KEY_FILE: file }, KEY],
  ]) {
    await writeFile(file, content);
    t.deepEqual(await runForJson(t, source, { args: [path], env }), { n: 1 });
  }
});

test('the key is changed, and what is encrypted stays', async (t) => {
  const { path, log } = await opened(t);
  const other = await openAt(t, path, OPTIONS);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(20) }));
  succeeded(t, await log.forgetSubject('customer-3'));
  const before = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(await all(other.readAll({ instance: 'log' })), before);
  const next = randomBytes(32);
  failed(t, await log.rotateKey('short'), 'INVALID_ARGUMENT', /^key: expected 32 bytes/);
  failed(t, await log.rotateKey(), 'INVALID_ARGUMENT', /^key: expected 32 bytes.*found nothing/);
  t.is(succeeded(t, await log.rotateKey(() => next)).keys, 2);
  t.deepEqual(await all(log.readAll({ instance: 'log' })), before);
  await t.throwsAsync(all(other.readAll({ instance: 'log' })), { code: 'KEY_UNAVAILABLE' });
  await log.close();
  await other.close();
  await t.throwsAsync(EventLog.open(path, OPTIONS), { code: 'KEY_UNAVAILABLE' });
  const again = await openAt(t, path, { key: next });
  t.deepEqual(await all(again.readAll({ instance: 'log' })), before);
});

test('nobody is taken for forgotten who was looked for in another keyring', async (t) => {
  const { path, log } = await opened(t);
  failed(t, await log.forgetSubject('customer-1'), 'KEY_UNAVAILABLE', /there is none$/);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(8) }));
  const other = await openAt(t, path, { keyring: join(dirname(path), 'another.keyring') });
  failed(t, await other.forgetSubject('customer-1'), 'KEY_UNAVAILABLE', /there is none$/);
  const events = await all(log.readAll({ instance: 'log' }));
  t.false(events.some(({ forgotten }) => forgotten !== undefined));
});

test('a log in memory has its keys there', async (t) => {
  const log = await openAt(t, ':memory:', OPTIONS);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(8) }));
  succeeded(t, await log.forgetSubject('customer-1'));
  const events = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(
    events.map(({ payload, forgotten }) => payload.n ?? forgotten.subject),
    [0, 'customer-1', 2, 3, 4, 'customer-1', 6, 7],
  );
});

test('a keyring that is gone loses nothing but what it can decrypt', async (t) => {
  const { path, log } = await opened(t);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(8) }));
  await log.close();
  await rm(`${path}.keyring`);
  const again = await openAt(t, path, OPTIONS);
  const read = () =>
    again.queryEvents({
      from: { instance: 'log' },
      orderBy: { field: 'position', direction: 'desc' },
      limit: 1,
    });
  failed(t, await read(), 'KEY_UNAVAILABLE', /there is none$/);
  const event = { instanceId: 'log', eventType: 'x', payload: { n: 'new' } };
  succeeded(t, await again.appendEvent({ ...event, encrypt: { subject: 'customer-1' } }));
  t.deepEqual(queried(t, await read()).events[0].payload, { n: 'new' });
  const response = await again.queryEvents({ from: { instance: 'log' } });
  failed(t, response, 'KEY_UNAVAILABLE', /it has none with the id that the event names$/);
});
