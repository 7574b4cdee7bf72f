// Archives of what is trimmed: nothing is lost and nothing doubled, wherever a crash comes.

import { createReadStream } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';

import test from 'ava';

import { failed, succeeded } from './support/response.mjs';
import { openLog, temporaryFolder, testOfFiles } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { Archive } = require('../lib/retention/archive.js');
const { trimBefore } = require('../lib/retention/trim.js');

async function fill(log, count) {
  const events = Array.from({ length: count }, (_, index) => ({
    streamId: `s${index % 3}`,
    eventType: 'made',
    payload: { n: index, text: 'ö'.repeat(index % 7) },
  }));
  await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
}

const readManifest = async (folder) =>
  (await readFile(join(folder, 'manifest.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

async function textOf(readable) {
  const chunks = await readable.toArray();
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString();
}

test('what is archived comes back by imports, before what is left', async (t) => {
  const log = await openLog(t);
  const path = await temporaryFolder(t);
  await fill(log, 30);
  const whole = await textOf(log.exportEvents({ instance: 'log' }));
  const trim = async (beforePosition) => {
    const options = { instance: 'log', beforePosition, archive: { path } };
    return succeeded(t, await log.trimEvents(options), 'trimEvents');
  };
  t.like(await trim(11), { firstPosition: 11, events: 10 });
  t.like(await trim(11), { events: 0 });
  t.like(await trim(26), { firstPosition: 26, events: 15 });

  const [folder] = await readdir(path);
  const home = join(path, folder);
  const [header, ...files] = await readManifest(home);
  t.like(header, { format: 'codebolt-eventlog-archive', version: 1 });
  t.deepEqual(
    files.map(({ first, last }) => [first, last]),
    [
      [1, 10],
      [11, 25],
    ],
  );
  t.deepEqual((await readdir(home)).toSorted(), [
    '.lock',
    ...files.map(({ file }) => file),
    'manifest.jsonl',
  ]);

  const copy = await openLog(t);
  for (const { file } of files) {
    const source = createReadStream(join(home, file)).pipe(createGunzip());
    succeeded(t, await copy.importEvents(source), 'importEvents');
  }
  const rest = log.exportEvents({ instance: 'log' });
  t.like(succeeded(t, await copy.importEvents(rest), 'importEvents'), { events: 5 });
  t.is(await textOf(copy.exportEvents({ instance: 'log' })), whole);
});

test('nothing is trimmed if the archive is not what was written, or cannot be', async (t) => {
  const log = await openLog(t);
  const path = await temporaryFolder(t);
  await fill(log, 30);
  const trim = (beforePosition, more) =>
    log.trimEvents({ instance: 'log', beforePosition, archive: { path, ...more } });
  const first = async () => (await log.strict.getInstanceStats('log')).firstPosition;
  for (const [archive, pattern] of [
    [7, /^archive: expected \{ path \}, found a number/],
    [{}, /^archive.path: expected a path/],
    [{ path: '' }, /^archive.path: /],
    [{ path, pth: 'x' }, /^archive: unknown option "pth": did you mean "path"/],
  ]) {
    const response = await log.trimEvents({ instance: 'log', beforePosition: 5, archive });
    failed(t, response, 'trimEvents', 'INVALID_ARGUMENT', pattern);
  }
  const file = join(path, 'file');
  await writeFile(file, '');
  failed(t, await trim(5, { path: file }), 'trimEvents', 'STORAGE_FAILED', /nothing was trimmed/);

  // Archived, and the process was killed before the trim.
  const { instance } = await log.strict.getInstance('log');
  const archive = new Archive(require('../lib/retention/disk.js').DISK, path, instance);
  await archive.open();
  const whole = await textOf(log.exportEvents({ instance: 'log' }));
  const lines = whole.split('\n');
  // The counts of an export are of no account here.
  const text = [...lines.slice(0, 12), lines.at(-2), ''].join('\n');
  await archive.add(1, 10, () => Readable.from([Buffer.from(text)]));
  const home = join(
    path,
    (await readdir(path)).find((name) => name !== 'file'),
  );
  const [, { file: name }] = await readManifest(home);
  const bytes = await readFile(join(home, name));
  t.is(gunzipSync(bytes).toString(), text);
  for (const at of [3, bytes.length - 9]) {
    const altered = Buffer.from(bytes);
    altered[at] ^= 1;
    await writeFile(join(home, name), altered);
    failed(t, await trim(15), 'trimEvents', 'STORAGE_FAILED', /archive: .*-0+10\.jsonl\.gz/);
  }
  await writeFile(join(home, name), bytes.subarray(0, -1));
  failed(t, await trim(15), 'trimEvents', 'STORAGE_FAILED');
  t.is(await first(), 1);
  await writeFile(join(home, name), bytes);
  t.like(succeeded(t, await trim(15), 'trimEvents'), { events: 14 });
  t.deepEqual(
    (await readManifest(home)).slice(1).map(({ first: from, last }) => [from, last]),
    [
      [1, 10],
      [11, 14],
    ],
  );
  await writeFile(join(home, 'manifest.jsonl'), '{"format":"other"}\n');
  failed(t, await trim(20), 'trimEvents', 'INVALID_ARGUMENT', /is not the manifest of an archive/);
  t.is(await first(), 15);
});

test('events of other logs and instances at the same positions are not taken for those that go', async (t) => {
  const path = await temporaryFolder(t);
  const archive = { path };
  const log = await openLog(t);
  const other = await openLog(t);
  const trim = (of, beforePosition) => of.trimEvents({ instance: 'log', beforePosition, archive });
  const first = async (of) => (await of.strict.getInstanceStats('log')).firstPosition;
  await fill(log, 10);
  // A copy of the log, as from a backup, goes on otherwise.
  succeeded(t, await other.importEvents(log.exportEvents()), 'importEvents');
  await fill(log, 10);
  await fill(other, 20);
  succeeded(t, await trim(log, 16), 'trimEvents');
  const pattern = /^archive: expected the events at positions 1 to 15 in .*, found others there/;
  failed(t, await trim(other, 11), 'trimEvents', 'INVALID_ARGUMENT', pattern);
  t.is(await first(other), 1);
  // What is there already is compared from where the log begins.
  succeeded(t, await other.trimEvents({ instance: 'log', beforePosition: 9 }), 'trimEvents');
  failed(t, await trim(other, 10), 'trimEvents', 'INVALID_ARGUMENT', /positions 9 to 15/);
  const copy = await openLog(t);
  await fill(copy, 1);
  failed(t, await trim(copy, 2), 'trimEvents', 'INVALID_ARGUMENT', /made at .*made at /);

  await log.strict.deleteInstance('log');
  await fill(log, 20);
  failed(t, await trim(log, 11), 'trimEvents', 'INVALID_ARGUMENT', /which is of one that was made/);
  t.is(await first(log), 1);
});

// Of archives alone, without a log: these need not be run on servers too.

/**
 * A disk in memory. After so many operations it is gone, and has then what was synced: of files their bytes, and of folders
 * their names.
 */
class MemoryDisk {
  /** The files by their names, each with its bytes and how many of them are synced. */
  names = new Map();
  /** The names as they are on disk. */
  synced = new Map();
  operations = 0;

  constructor({ endsAfter = Infinity, syncs = true, names = [] } = {}) {
    Object.assign(this, { endsAfter, syncs });
    for (const [name, bytes] of names) this.names.set(name, { bytes, synced: bytes.length });
    this.synced = new Map(this.names);
  }

  count() {
    this.operations += 1;
    if (this.operations > this.endsAfter) throw new Error('the power is gone');
  }

  /** What is there after a loss of power. */
  left() {
    const files = [...this.synced].map(([name, { bytes, synced }]) => [
      name,
      bytes.subarray(0, synced),
    ]);
    return files;
  }

  makeFolder = async () => this.count();

  lock = () => () => {};

  readText = async (name) => this.names.get(name)?.bytes.toString();

  list = async (folder) =>
    [...this.names.keys()]
      .filter((name) => name.startsWith(join(folder, '/')))
      .map((name) => name.slice(join(folder, '/').length));

  read = (name) => Readable.from([this.names.get(name).bytes]);

  create = async (name) => {
    this.count();
    const file = { bytes: Buffer.alloc(0), synced: 0 };
    this.names.set(name, file);
    return {
      write: async (bytes) => {
        this.count();
        file.bytes = Buffer.concat([file.bytes, bytes]);
      },
      sync: async () => {
        this.count();
        if (this.syncs) file.synced = file.bytes.length;
      },
      close: async () => {},
    };
  };

  rename = async (from, to) => {
    this.count();
    this.names.set(to, this.names.get(from));
    this.names.delete(from);
  };

  remove = async (name) => {
    this.count();
    this.names.delete(name);
  };

  syncFolder = async () => {
    this.count();
    this.synced = new Map(this.names);
  };
}

/** An instance whose events are nothing but numbers, and go on a disk that has an archive of them. */
function numbered(disk, first) {
  const kept = { first };
  const instance = { number: 1, instanceId: INSTANCE.id, createdAt: INSTANCE.createdAt };
  const measured = () => ({ ...instance, first: kept.first, bytes: 0, next: null });
  return {
    kept,
    measure: async () => ({ success: true, data: measured() }),
    store: async ({ beforePosition }) => {
      disk.count();
      const events = beforePosition - kept.first;
      kept.first = beforePosition;
      return { success: true, data: { stored: true, firstPosition: kept.first, events } };
    },
    exportOf: (_, { first: from, last }) => linesOf(from, last),
  };
}

const INSTANCE = { id: 'log', createdAt: '2026-01-31T12:00:00.000Z' };

/** An export of events that are nothing but numbers. */
function linesOf(first, last) {
  const events = Array.from({ length: last + 1 - first }, (_, at) => first + at);
  return Readable.from(
    ['header', 'instance', ...events, 'end'].map((it) => Buffer.from(`${it}\n`)),
  );
}

/** What an archive has on a disk, of what its manifest lists. */
function archivedOn(disk) {
  const manifest = [...disk.names].find(([name]) => name.endsWith('manifest.jsonl'));
  if (manifest === undefined) return [];
  const [at, { bytes }] = manifest;
  const [, ...files] = bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const lines = files.map(({ file }) =>
    gunzipSync(disk.names.get(at.replace('manifest.jsonl', file)).bytes).toString(),
  );
  return lines
    .join('')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map(Number);
}

const upTo = (last) => Array.from({ length: last }, (_, at) => at + 1).join();

/**
 * Archives up to 10, and then to 25, on a disk that ends after each number of operations. Returns how often it has, and what
 * was then not as it has to be.
 */
async function endEverywhere(syncs) {
  const problems = [];
  for (let endsAfter = 0; ; endsAfter += 1) {
    const disk = new MemoryDisk({ endsAfter, syncs });
    let trimmed = 0;
    let ended;
    try {
      for (const last of [10, 25]) {
        const archive = new Archive(disk, 'archive', INSTANCE);
        await archive.open();
        await archive.add(trimmed + 1, last, linesOf);
        trimmed = last;
      }
    } catch (error) {
      ended = error.message;
      if (ended !== 'the power is gone') problems.push(ended);
    }
    try {
      const after = new MemoryDisk({ names: disk.left() });
      const kept = archivedOn(after);
      if (kept.length < trimmed || kept.join() !== upTo(kept.length)) {
        problems.push(`${trimmed} were trimmed, and ${kept} are archived`);
      }
      const again = new Archive(after, 'archive', INSTANCE);
      await again.open();
      await again.add(trimmed + 1, 25, linesOf);
      if (archivedOn(after).join() !== upTo(25)) problems.push(`in the end ${archivedOn(after)}`);
    } catch (error) {
      problems.push(error.message);
    }
    if (ended === undefined) return { ends: endsAfter, problems };
  }
}

testOfFiles('what was trimmed is archived once, wherever the power goes', async (t) => {
  const { ends, problems } = await endEverywhere(true);
  t.deepEqual(problems, []);
  t.true(ends > 15, `${ends}`);
});

/**
 * Trims as rules of retention do, more and more, on a disk that ends after each number of operations. Returns how often it
 * has, and which events are neither in the log nor in the archive then.
 */
async function trimEverywhere(syncs) {
  const lost = [];
  for (let endsAfter = 0; ; endsAfter += 1) {
    const disk = new MemoryDisk({ endsAfter, syncs });
    const log = numbered(disk, 1);
    let ended = false;
    try {
      for (const beforePosition of [11, 16, 26]) {
        await trimBefore(log, { instance: 'log', beforePosition }, { folder: 'archive', disk });
      }
    } catch (error) {
      ended = error.message.includes('the power is gone');
      if (!ended) lost.push(error.message);
    }
    try {
      const kept = archivedOn(new MemoryDisk({ names: disk.left() }));
      for (let n = 1; n < log.kept.first; n += 1) if (kept[n - 1] !== n) lost.push(n);
    } catch (error) {
      lost.push(error.message);
    }
    if (!ended) return { ends: endsAfter, lost };
  }
}

testOfFiles('what goes is archived before, wherever the power goes', async (t) => {
  const { ends, lost } = await trimEverywhere(true);
  t.deepEqual(lost, []);
  t.true(ends > 25, `${ends}`);
});

testOfFiles('events that go before their archive is on disk are noticed', async (t) => {
  const { lost } = await trimEverywhere(false);
  t.true(lost.length > 0);
});

testOfFiles('an archive that is said to be there before its sync is noticed', async (t) => {
  const { problems } = await endEverywhere(false);
  t.true(problems.length > 0);
});

test('one call at a time archives an instance', async (t) => {
  const log = await openLog(t);
  const path = await temporaryFolder(t);
  await fill(log, 10);
  const { instance } = await log.strict.getInstance('log');
  const archive = new Archive(require('../lib/retention/disk.js').DISK, path, instance);
  const unlock = await archive.lock();
  const trim = () => log.trimEvents({ instance: 'log', beforePosition: 5, archive: { path } });
  failed(t, await trim(), 'trimEvents', 'LOCKED', /archive: .* is in use by another process/);
  t.is((await log.strict.getInstanceStats('log')).firstPosition, 1);
  unlock();
  t.like(succeeded(t, await trim(), 'trimEvents'), { events: 4 });
});
