// Keys of logs that somebody else holds, as a key management service does: it wraps them, and unwraps them.

import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { KEY, SECRET, eventsOf, failed, succeeded } from './support/encrypted.mjs';
import {
  Service,
  filled,
  keyFileOf,
  keysIn,
  namesBeside,
  optionsOf,
  read,
  refused,
} from './support/held-keys.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const { DISK } = createRequire(import.meta.url)('../lib/retention/disk.js');

test('a service is asked when a log is made and when it is opened, and never else', async (t) => {
  const service = new Service();
  const { path, events } = await filled(t, service);
  // What it has wrapped is tried.
  t.deepEqual(service.calls, ['wrap 32 false', 'unwrap false', 'unwrap false']);
  const log = await openAt(t, path, optionsOf(service));
  t.is(service.calls.length, 4);
  t.deepEqual(await read(log), events);
  t.true(JSON.stringify(events).includes(SECRET));
  for (let n = 0; n < 30; n += 1) {
    const event = { instanceId: 'log', eventType: 'x', payload: { n } };
    succeeded(t, await log.appendEvent({ ...event, encrypt: { subject: `new-${n}` } }));
  }
  succeeded(t, await log.forgetSubject('customer-1'));
  t.true((await read(log)).some(({ forgotten }) => forgotten?.subject === 'customer-1'));
  t.is(service.calls.length, 4);
  await log.close();
  const again = await openAt(t, path, optionsOf(service));
  t.true((await read(again)).some(({ forgotten }) => forgotten?.subject === 'customer-1'));
  const file = await readFile(keyFileOf(path));
  t.regex(
    file.toString(),
    /^\{"format":"codebolt-eventlog-key","version":1,"keys":\[\{.*\}\]\}\n$/,
  );
});

test('a service that fails leaves nothing behind', async (t) => {
  const path = await temporaryPath(t);
  const before = await namesBeside(path);
  const own = new Service();
  const away = new Error('the service is away');
  const wrapped = async () => Buffer.from('wrapped');
  for (const [key, code, message] of [
    [
      { wrap: () => Promise.reject(away), unwrap: wrapped },
      'KEY_UNAVAILABLE',
      /^options\.key\.wrap: it has failed: the service is away$/,
    ],
    [
      {
        wrap: () => {
          throw away;
        },
        unwrap: wrapped,
      },
      'KEY_UNAVAILABLE',
      /wrap: it has failed: the service is away$/,
    ],
    [
      { wrap: wrapped, unwrap: () => Promise.reject(away) },
      'KEY_UNAVAILABLE',
      /unwrap: it has failed: the service is away$/,
    ],
    [
      { wrap: wrapped, unwrap: () => randomBytes(31) },
      'INVALID_ARGUMENT',
      /^options\.key\.unwrap: expected 32 bytes, found 31 bytes$/,
    ],
    [
      { wrap: wrapped, unwrap: () => 'a text' },
      'INVALID_ARGUMENT',
      /unwrap: expected 32 bytes, found a string$/,
    ],
    [
      { wrap: wrapped, unwrap: () => randomBytes(32) },
      'KEY_UNAVAILABLE',
      /unwrap: expected the key that was wrapped, found another one$/,
    ],
    [
      { wrap: () => new Uint8Array(), unwrap: wrapped },
      'INVALID_ARGUMENT',
      /wrap: expected 1 to 8192 bytes, found 0 bytes$/,
    ],
    [
      { wrap: () => new Uint8Array(8193), unwrap: wrapped },
      'INVALID_ARGUMENT',
      /found 8193 bytes$/,
    ],
    [
      { wrap: () => undefined, unwrap: wrapped },
      'INVALID_ARGUMENT',
      /wrap: expected .*, found nothing$/,
    ],
    [
      { wrap: (it) => it, unwrap: (it) => it },
      'INVALID_ARGUMENT',
      /expected the key to be encrypted/,
    ],
    [
      { wrap: wrapped },
      'INVALID_ARGUMENT',
      /^options\.key\.unwrap: expected a function, found nothing$/,
    ],
    [
      { unwrap: 7, wrap: wrapped },
      'INVALID_ARGUMENT',
      /unwrap: expected a function, found a number$/,
    ],
    [
      {
        get wrap() {
          throw away;
        },
      },
      'INVALID_ARGUMENT',
      /^options\.key: the service is away$/,
    ],
    [
      Object.assign(new Service(), { timeoutMs: 0 }),
      'INVALID_ARGUMENT',
      /^options\.key\.timeoutMs: expected a whole number from 1 to 2147483647, found 0$/,
    ],
    [
      Object.assign(new Service(), { timeoutMs: '1s' }),
      'INVALID_ARGUMENT',
      /timeoutMs: .*, found a string$/,
    ],
  ]) {
    const error = await refused(t, path, key, code, message);
    if (message.source.includes('it has failed')) t.is(error.cause, away);
    t.deepEqual(await namesBeside(path), before);
  }
  await (await openAt(t, path, optionsOf(own))).close();
});

test('a service that does not answer is told so, and not waited for', async (t) => {
  const path = await temporaryPath(t);
  const signals = [];
  const never = (_, { signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const stuck = { wrap: never, unwrap: never, timeoutMs: 1 };
  await refused(
    t,
    path,
    stuck,
    'KEY_UNAVAILABLE',
    /wrap: expected an answer within 1 ms, found none$/,
  );
  const service = new Service();
  const log = await openAt(t, path, optionsOf(service));
  failed(
    t,
    await log.rotateKey(stuck),
    'KEY_UNAVAILABLE',
    /^key\.wrap: expected an answer within 1 ms/,
  );
  t.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
  t.is((await keysIn(path)).length, 1);
});

test('another service, or an altered file, opens nothing', async (t) => {
  const service = new Service();
  const { path, events } = await filled(t, service);
  const file = keyFileOf(path);
  const written = await readFile(file, 'utf8');
  await refused(t, path, new Service(), 'KEY_UNAVAILABLE', /^options\.key\.unwrap: it has failed/);
  await refused(
    t,
    path,
    KEY,
    'KEY_UNAVAILABLE',
    /the `key` that the log was opened with is another one/,
  );
  for (const [text, code, message] of [
    ['', 'CORRUPTED', /\.keyring\.key is not what was written$/],
    ['{}', 'CORRUPTED', /is not what was written$/],
    [written.replace('"keys":[', '"keys":[null,'), 'CORRUPTED', /is not what was written$/],
    [written.replace('"check":"', '"check":7,"was":"'), 'CORRUPTED', /is not what was written$/],
    [written.padEnd(70_000), 'CORRUPTED', /is not what was written$/],
    [
      written.replace('"version":1', '"version":2'),
      'UNSUPPORTED_FORMAT',
      /expected the version 1, found 2$/,
    ],
    [
      written.replace(/(?<="check":")./, (first) => (first === '+' ? '/' : '+')),
      'KEY_UNAVAILABLE',
      /expected the key that was wrapped/,
    ],
  ]) {
    await writeFile(file, text);
    await refused(t, path, service, code, message);
  }
  await rm(file);
  await refused(
    t,
    path,
    service,
    'KEY_UNAVAILABLE',
    /expected the file with the key of the keyring.*found none/,
  );
  t.false((await namesBeside(path)).includes(basename(file)));
  await writeFile(file, written);
  t.deepEqual(await read(await openAt(t, path, optionsOf(service))), events);
});

test('several that open a log at once have one key', async (t) => {
  // In a folder that is not there yet.
  const path = join(await temporaryPath(t), 'deep', 'log.redb');
  const service = new Service();
  const keyring = join(dirname(path), 'shared.keyring');
  const opening = () => EventLog.open(path, { ...optionsOf(service), keyring });
  const logs = await Promise.all(Array.from({ length: 5 }, opening));
  t.teardown(() => Promise.all(logs.map((log) => log.close())));
  const appends = logs.map((log, n) =>
    log.appendEvent({
      instanceId: 'log',
      eventType: 'x',
      payload: { n },
      encrypt: { subject: `s${n}` },
    }),
  );
  for (const response of await Promise.all(appends)) succeeded(t, response);
  for (const log of logs) t.is((await read(log)).length, 5);
  t.true((await namesBeside(path)).includes('shared.keyring.key'));
});

test('another process that is at the file is waited for as long as lockWaitMs says', async (t) => {
  const path = await temporaryPath(t);
  const unlock = DISK.lock(`${keyFileOf(path)}.lock`);
  const opening = (lockWaitMs) => EventLog.open(path, { ...optionsOf(new Service()), lockWaitMs });
  const message =
    /^another process has not let go of .*\.keyring\.key\.lock within 20 ms \(lockWaitMs\)$/;
  await t.throwsAsync(opening(20), { code: 'LOCKED', message });
  t.false((await namesBeside(path)).includes(basename(keyFileOf(path))));
  const waiting = opening(2_147_483_647);
  unlock();
  await (await waiting).close();
  t.is((await keysIn(path)).length, 1);
});

// It is of the disk of this process, so it is alone.
test.serial('what is written of a key is on disk, and its name is, before it counts', async (t) => {
  const path = await temporaryPath(t);
  const [done, keys] = [[], []];
  const note = (...what) => done.push(what.map((name) => basename(name)).join(' '));
  const { create, rename: renamed, remove, syncFolder } = DISK;
  t.teardown(() => Object.assign(DISK, { create, rename: renamed, remove, syncFolder }));
  const noted =
    (what, work) =>
    async (...names) => {
      const result = await work(...names);
      note(what, ...names);
      return result;
    };
  Object.assign(DISK, {
    async create(name) {
      const output = await create(name);
      return { ...output, sync: async () => noted('sync', output.sync)(name) };
    },
    rename: async (from, to) => {
      keys.push(JSON.parse(await readFile(from, 'utf8')).keys.length);
      return noted('rename', renamed)(from, to);
    },
    remove: noted('remove', remove),
    syncFolder: noted('names', syncFolder),
  });
  const file = basename(keyFileOf(path));
  const folder = basename(dirname(path));
  const written = [
    `remove ${file}.next`,
    `sync ${file}.next`,
    `rename ${file}.next ${file}`,
    `names ${folder}`,
  ];
  const log = await openAt(t, path, optionsOf(new Service()));
  t.deepEqual(done.splice(0), written);
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(8) }));
  succeeded(t, await log.rotateKey(new Service()));
  t.deepEqual(done.splice(0), [...written, ...written]);
  // While the keyring is changed, there are both.
  t.deepEqual(keys, [1, 2, 1]);
  succeeded(t, await log.rotateKey(KEY));
  t.deepEqual(done, [`remove ${file}`, `names ${folder}`]);
});

test('a log in memory, and one that is opened to be read, need no service', async (t) => {
  const service = new Service();
  const log = await openAt(t, ':memory:', optionsOf(service));
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(8) }));
  t.is((await read(log)).length, 8);
  succeeded(t, await log.rotateKey(service));
  t.deepEqual(service.calls, []);
  const path = await temporaryPath(t);
  await (await openAt(t, path, { autoCreateInstances: true })).close();
  const reading = await openAt(t, path, { key: service, readOnly: true });
  await reading.close();
  t.deepEqual(service.calls, []);
  t.false((await namesBeside(path)).includes(basename(keyFileOf(path))));
});
