// Rules of retention: what is over them goes by itself, or when that is asked for, and never more.

import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

import test from 'ava';

import { failed, succeeded } from './support/response.mjs';
import {
  openAt,
  openLog,
  temporaryFolder,
  temporaryPath,
  testOfFiles,
} from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { RetentionWatch } = require('../lib/retention/watch.js');

const START = Date.UTC(2026, 0, 1);

/** Appends events, a second apart by their timestamps. */
async function fill(log, count, first = 1) {
  const events = Array.from({ length: count }, (_, index) => ({
    eventType: 'made',
    payload: { n: first + index },
    timestamp: START + 1000 * (first + index),
  }));
  await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
}

const set = (log, retention) => log.strict.updateInstance('log', { retention });

const firstOf = async (log) => (await log.strict.getInstanceStats('log')).firstPosition;

async function applied(t, log, instance = 'log') {
  const { instances } = succeeded(t, await log.applyRetention({ instance }), 'applyRetention');
  return instances;
}

/** Waits for something that comes by itself. */
async function until(holds) {
  while (!(await holds())) await setImmediate();
}

test('an instance shows its retention, and keeps it', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const retention = { maxAgeMs: 1e9, maxEvents: 5, maxBytes: 1e6, force: true };
  const made = await log.strict.createInstance('made', undefined, { retention });
  t.deepEqual(made.instance.retention, retention);
  const again = await log.strict.createInstance('made', undefined, {
    ifExists: 'get',
    retention: { maxEvents: 1 },
  });
  t.deepEqual(again.instance.retention, retention);

  await fill(log, 1);
  t.false('retention' in (await log.strict.getInstance('log')).instance);
  const archive = { path: 'some-folder' };
  const updated = await set(log, { maxEvents: 7, archive });
  t.deepEqual(updated.instance.retention, {
    maxEvents: 7,
    archive: { path: resolve('some-folder') },
  });
  const renamed = await log.strict.updateInstance('log', { name: 'renamed' });
  t.is(renamed.instance.retention.maxEvents, 7);
  await log.close();

  const reopened = await openAt(t, path);
  t.deepEqual((await reopened.strict.getInstance('renamed')).instance.retention, {
    maxEvents: 7,
    archive: { path: resolve('some-folder') },
  });
  const cleared = await set(reopened, null);
  t.false('retention' in cleared.instance);
  t.deepEqual(await applied(t, reopened), []);
  t.true((await reopened.verify()).data.intact);
});

test('what is no retention is refused, and changes nothing', async (t) => {
  const log = await openLog(t);
  await fill(log, 3);
  await set(log, { maxEvents: 2 });
  for (const [retention, pattern] of [
    [7, /^updates\.retention: expected an object/],
    [{}, /^updates\.retention: expected at least one of maxAgeMs, maxEvents, maxBytes and streams/],
    [{ maxEvents: 0 }, /^updates\.retention\.maxEvents: expected .* from 1 to/],
    [{ maxEvent: 1 }, /^updates\.retention\.maxEvent: unknown key.*maxEvents/],
    [{ maxEvents: 1, archive: {} }, /^updates\.retention\.archive\.path: /],
  ]) {
    const response = await log.updateInstance('log', { name: 'other', retention });
    failed(t, response, 'updateInstance', 'INVALID_ARGUMENT', pattern);
  }
  const options = { retention: { maxBytes: -1 } };
  const response = await log.createInstance('new', undefined, options);
  failed(t, response, 'createInstance', 'INVALID_ARGUMENT', /^options\.retention\.maxBytes: /);
  const { instance } = await log.strict.getInstance('log');
  t.deepEqual([instance.name, instance.retention], ['log', { maxEvents: 2 }]);
  for (const asked of [{ instance: 7 }, { instnce: 'log' }, { instance: 'none' }]) {
    t.false((await log.applyRetention(asked)).success);
  }
});

test('what is over a limit goes when that is asked for, and nothing else', async (t) => {
  let now = START + 31_000;
  const log = await openLog(t, { clock: () => now });
  await fill(log, 30);
  const { storedBytes } = await log.strict.getInstanceStats('log');
  const left = [];
  for (const retention of [
    { maxEvents: 30 },
    { maxAgeMs: 30_000 },
    { maxBytes: storedBytes },
    { maxEvents: 27 },
    { maxAgeMs: 24_000 },
    { maxBytes: Math.ceil((storedBytes / 30) * 10.5), maxEvents: 25, maxAgeMs: 25_000 },
  ]) {
    await set(log, retention);
    const [{ firstPosition, events, bytes, instanceId }] = await applied(t, log);
    t.deepEqual([instanceId, bytes > 0], ['log', events > 0]);
    left.push(firstPosition);
  }
  t.deepEqual(left, [1, 1, 1, 4, 7, 21]);
  now += 3_600_000;
  await set(log, { maxAgeMs: 1000 });
  t.like(await applied(t, log), [{ firstPosition: 31 }]);
  await fill(log, 1, 31);
  t.is(
    (await log.strict.readStream({ instance: 'log', stream: 'default' }).next()).value
      .sequence_number,
    31,
  );
});

test('what is over a limit goes by itself, from all instances that have one', async (t) => {
  const log = await openLog(t);
  await fill(log, 100);
  await log.strict.createInstance('other', undefined, { retention: { maxEvents: 1 } });
  await set(log, { maxEvents: 20 });
  await until(async () => (await firstOf(log)) === 81);
  const events = [1, 2, 3].map((n) => ({ eventType: 'made', payload: { n } }));
  await log.strict.appendEvents({ instanceId: 'other', events });
  await fill(log, 2, 101);
  // Something else looks anew.
  await log.strict.updateInstance('log', { description: 'text' });
  await until(async () => (await log.strict.metrics()).retention.runs === 2);
  t.is((await log.strict.getInstanceStats('other')).firstPosition, 3);
  // A tenth of 20 may be over it.
  t.is(await firstOf(log), 81);
  const { retention } = await log.strict.metrics();
  t.like(retention, { runs: 2, events: 82, failures: 0, lastError: null });
  t.true(retention.bytes > 0);
});

test('a consumer keeps what it has not acknowledged, unless it is forced', async (t) => {
  const log = await openLog(t);
  await fill(log, 20);
  const subscription = log.subscribe({ instance: 'log', consumer: 'reader' });
  for (let n = 1; n <= 7; n += 1) {
    const { value } = await subscription.next();
    await value.ack();
  }
  await subscription.return();
  const heldBy = { consumer: 'reader', position: 7 };
  await set(log, { maxEvents: 5 });
  t.deepEqual((await applied(t, log))[0].heldBy, heldBy);
  t.is(await firstOf(log), 8);
  await set(log, { maxEvents: 13 });
  t.false('heldBy' in (await applied(t, log))[0]);
  await set(log, { maxEvents: 5, force: true });
  t.like(await applied(t, log), [{ firstPosition: 16 }]);
});

test('what goes is archived, and comes back by an import', async (t) => {
  const log = await openLog(t);
  const path = await temporaryFolder(t);
  await fill(log, 50);
  await set(log, { maxEvents: 20, archive: { path } });
  await until(async () => (await firstOf(log)) === 31);
  await fill(log, 20, 51);
  await set(log, { maxEvents: 10, archive: { path } });
  const all = await log.strict.applyRetention();
  t.like(all.instances, [{ instanceId: 'log', firstPosition: 61, events: 30 }]);

  const home = join(path, 'id-log');
  const files = (await readdir(home)).filter((name) => name.endsWith('.gz')).toSorted();
  t.is(files.length, 2);
  const copy = await openLog(t);
  for (const file of files) {
    const source = createReadStream(join(home, file)).pipe(createGunzip());
    succeeded(t, await copy.importEvents(source), 'importEvents');
  }
  succeeded(t, await copy.importEvents(log.exportEvents()), 'importEvents');
  t.like(await copy.strict.getInstanceStats('log'), { eventCount: 70, firstPosition: 1 });
  // A copy keeps all of them.
  t.false('retention' in (await copy.strict.getInstance('log')).instance);
});

test('what has gone wrong is told by the instance and the metrics, and appends go on', async (t) => {
  const log = await openLog(t);
  const folder = await temporaryFolder(t);
  const path = join(folder, 'archive');
  await writeFile(path, 'not a folder');
  await fill(log, 50);
  await set(log, { maxEvents: 20, archive: { path } });
  const instance = async () => (await log.strict.getInstance('log')).instance;
  await until(async () => (await log.strict.metrics()).retention.failures > 0);
  const { retentionError } = await instance();
  t.is(retentionError.code, 'STORAGE_FAILED');
  t.regex(retentionError.error, /^archive: .*; nothing was trimmed$/);
  t.is(new Date(retentionError.at).toISOString(), retentionError.at);
  const { retention } = await log.strict.metrics();
  const { lastError } = retention;
  t.deepEqual([lastError.instanceId, lastError.code], ['log', 'STORAGE_FAILED']);
  await fill(log, 1, 51);
  t.is(await firstOf(log), 1);
  failed(
    t,
    await log.applyRetention(),
    'applyRetention',
    'STORAGE_FAILED',
    /^instance "log": archive: /,
  );

  await rm(path);
  t.like(await applied(t, log), [{ firstPosition: 32 }]);
  t.false('retentionError' in (await instance()));
  t.is((await readFile(join(path, 'id-log', 'manifest.jsonl'), 'utf8')).split('\n').length, 3);
});

testOfFiles('compact takes what is over first, also if the log is closed meanwhile', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 12);
  await set(log, { maxEvents: 11 });
  succeeded(t, await log.compact(), 'compact');
  t.is(await firstOf(log), 2);
  const compacted = log.compact();
  const closed = log.close();
  succeeded(t, await compacted, 'compact');
  await closed;
  const reopened = await openAt(t, path);
  await set(reopened, { maxEvents: 10 });
  // The log is just open, and nobody has looked for rules.
  succeeded(t, await reopened.compact(), 'compact');
  t.is(await firstOf(reopened), 3);
  const aborted = await reopened.compact({ signal: AbortSignal.abort() });
  failed(t, aborted, 'compact', 'ABORTED');
});

test('a log that is closed while events go has them, or an archive has them', async (t) => {
  const path = await temporaryPath(t);
  const folder = await temporaryFolder(t);
  const log = await openAt(t, path);
  await fill(log, 5000);
  await set(log, { maxEvents: 10, archive: { path: folder } });
  await setImmediate();
  await log.close();
  const reopened = await openAt(t, path);
  const first = await firstOf(reopened);
  const manifest = join(folder, 'id-log', 'manifest.jsonl');
  const text = await readFile(manifest, 'utf8').catch(() => '{}');
  const files = text.trimEnd().split('\n').slice(1);
  const archived = files.length === 0 ? 0 : JSON.parse(files.at(-1)).last;
  t.true(first <= archived + 1, `${first} ${archived}`);
  t.like(await applied(t, reopened), [{ firstPosition: 4991 }]);
});

test('an archive gets no file of a few events after another', async (t) => {
  const archive = { path: await temporaryFolder(t) };
  const stored = [];
  let due = [];
  const log = {
    due: async () => {
      const data = { due, policies: 2, next: null };
      due = [];
      return { success: true, data };
    },
    measure: async ({ instance }) => ({
      success: true,
      data: { number: 1, instanceId: instance, createdAt: '', first: 1, bytes: 0, next: null },
    }),
    exportOf: () => Readable.from([Buffer.from('lines\n')]),
    store: async ({ instance }) => {
      stored.push(instance);
      return { success: true, data: { stored: true, firstPosition: 2, events: 1, bytes: 0 } };
    },
  };
  const watch = new RetentionWatch(undefined, log);
  const look = async (isWhole) => {
    stored.length = 0;
    const over = { number: 1, first: 1, before: 2, isWhole, hasFailed: false, heldBy: null };
    due = [
      { ...over, instance: 'archived', retention: { archive } },
      { ...over, instance: 'other', retention: {} },
    ];
    watch.lookSoon();
    await until(() => stored.includes('other'));
    return [...stored];
  };
  t.deepEqual(await look(false), ['archived', 'other']);
  t.deepEqual(await look(false), ['other']);
  t.deepEqual(await look(true), ['archived', 'other']);
  await watch.stop();
});
