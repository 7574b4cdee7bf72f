// Files that are cut off, overwritten, moved, deleted or replaced while a log has them open. What has vanished
// stays so until the log is opened again; what is stored is in the file that the path names.

import {
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, runForJson } from './support/child.mjs';
import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const made = { instanceId: 'orders', eventType: 'made' };

/** An open log with five events, whose closing may fail. */
async function logOfFive(t, path, options) {
  const log = await EventLog.open(path, options);
  t.teardown(() => log.close().catch(() => {}));
  await created(t, log, 'orders');
  for (let number = 0; number < 5; number += 1) await appended(t, log, made);
  return log;
}

function overwrite(path, bytes, position) {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

/** Has another process make a log in the emptied file, with more commits than were there. */
async function makeAnother(t, path) {
  truncateSync(path, 0);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    for (let n = 0; n < 20; n += 1) {
      await log.appendEvent({ instanceId: 'theirs', eventType: 'made', autoCreateInstance: true });
    }
    await log.close();
    console.log(true);
  `;
  t.true(await runForJson(t, source, { args: [path] }));
}

/** Ways to take away what was stored, from a file that stays where it is. */
const LOSSES = {
  'truncated to nothing': (t, path) => truncateSync(path, 0),
  'truncated to a byte': (t, path) => truncateSync(path, 1),
  'truncated in its first page': (t, path) => truncateSync(path, 100),
  'truncated in the journal': (t, path) => truncateSync(path, 20_000),
  'truncated where the tables begin': (t, path) => truncateSync(path, 33_570_816),
  'truncated by its last page': (t, path) => truncateSync(path, statSync(path).size - 4096),
  'truncated by its last byte': (t, path) => truncateSync(path, statSync(path).size - 1),
  'without its first page': (t, path) => overwrite(path, Buffer.alloc(4096), 0),
  'without its headers': (t, path) => overwrite(path, Buffer.alloc(8192), 4096),
  'without the first page of its tables': (t, path) =>
    overwrite(path, Buffer.alloc(4096), 33_570_816),
  'overwritten by zeros from its middle on': (t, path) => {
    const { size } = statSync(path);
    const middle = Math.floor(size / 2);
    overwrite(path, Buffer.alloc(size - middle), middle);
  },
  'overwritten by another log': makeAnother,
  'overwritten by a text': (t, path) => writeFileSync(path, 'not a log\n'.repeat(10_000)),
  'overwritten by what it was before': (t, path) => copyFileSync(`${path}.before`, path),
};

/** Those that an exclusive log keeps from happening, or has in memory and does not look for. */
const UNSEEN_IF_EXCLUSIVE = new Set([
  'without its headers',
  'overwritten by another log',
  'overwritten by what it was before',
]);

for (const [name, lose] of Object.entries(LOSSES)) {
  for (const options of [{}, { exclusive: true }]) {
    if (options.exclusive && UNSEEN_IF_EXCLUSIVE.has(name)) continue;
    test(`a file ${name} under a log opened with ${JSON.stringify(options)}`, async (t) => {
      const path = await temporaryPath(t);
      const log = await logOfFive(t, path, options);
      copyFileSync(path, `${path}.before`);
      await appended(t, log, made);
      await appended(t, log, made);
      const following = (async () => {
        for await (const event of log.subscribe({ instance: 'orders', afterPosition: 7 })) {
          t.fail(`${event.position} comes`);
        }
      })();
      following.catch(() => {});
      await lose(t, path);

      for (let round = 0; round < 3; round += 1) {
        failed(t, await log.appendEvent(made), 'appendEvent', 'CORRUPTED');
        failed(t, await log.createInstance('new'), 'createInstance', 'CORRUPTED');
        failed(t, await log.getInstance('orders'), 'getInstance', 'CORRUPTED');
      }
      const source = { from: { instance: 'orders' } };
      failed(t, await log.queryEvents(source), 'queryEvents', 'CORRUPTED');
      const checked = await log.verify();
      t.false(checked.success && checked.data.intact);
      t.false((await log.backup(`${path}.copy`)).success);
      t.false((await log.compact()).success);
      const told = readFileSync(path);
      await t.throwsAsync(following, { code: 'CORRUPTED' });
      await t.throwsAsync(log.close(), { code: 'CORRUPTED' });
      t.true(told.equals(readFileSync(path)), 'closing has written to the file');
    });
  }
}

test('after a loss the log is opened again by whoever has closed it', async (t) => {
  const path = await temporaryPath(t);
  const log = await logOfFive(t, path);
  await makeAnother(t, path);
  failed(t, await log.appendEvent(made), 'appendEvent', 'CORRUPTED');
  await t.throwsAsync(log.close(), { code: 'CORRUPTED' });

  const again = await openAt(t, path);
  t.is((await eventsOf(t, again, 'theirs')).length, 20);
  t.true((await again.verify()).data.intact);
  const event = await appended(t, again, { ...made, instanceId: 'theirs' });
  t.is(event.sequence_number, 21);
});

test('a reader and an idle subscription of another process hear of a loss', async (t) => {
  const path = await temporaryPath(t);
  const log = await logOfFive(t, path);
  const reader = await EventLog.open(path, { readOnly: true });
  t.teardown(() => reader.close().catch(() => {}));
  await log.close();
  const following = (async () => {
    for await (const event of reader.subscribe({ instance: 'orders', afterPosition: 5 })) {
      t.fail(`${event.position} comes`);
    }
  })();
  following.catch(() => {});
  truncateSync(path, 0);
  await t.throwsAsync(following, { code: 'CORRUPTED' });
  const query = { from: { instance: 'orders' } };
  failed(t, await reader.queryEvents(query), 'queryEvents', 'CORRUPTED');
});

const unlessWindows = process.platform === 'win32' ? test.skip : test;

/** Ways to have a path name something else than the open file. */
const REMOVALS = {
  deleted: (path) => rmSync(path),
  moved: (path) => renameSync(path, `${path}.moved`),
  'replaced by another log': (path) => renameSync(`${path}.other`, path),
  'replaced by an empty file': (path) => {
    rmSync(path);
    writeFileSync(path, '');
  },
  'replaced by a symbolic link to another log': (path) => {
    rmSync(path);
    symlinkSync(`${path}.other`, path);
  },
  'replaced by a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  'in a folder that was moved': (path) => renameSync(dirname(path), `${dirname(path)}.moved`),
};

for (const [name, remove] of Object.entries(REMOVALS)) {
  for (const options of [{}, { exclusive: true }]) {
    unlessWindows(`a file that was ${name}, opened with ${JSON.stringify(options)}`, async (t) => {
      const folder = join(await temporaryFolder(t), 'logs');
      const path = join(folder, 'log.redb');
      const other = await openAt(t, `${path}.other`);
      await created(t, other, 'other');
      await other.close();
      const log = await logOfFive(t, path, options);
      const following = (async () => {
        for await (const event of log.subscribe({ instance: 'orders', afterPosition: 5 })) {
          t.fail(`${event.position} comes`);
        }
      })();
      following.catch(() => {});
      remove(path);

      for (let round = 0; round < 2; round += 1) {
        failed(t, await log.appendEvent(made), 'appendEvent', 'STORAGE_FAILED', /no longer at/);
        failed(t, await log.createInstance('new'), 'createInstance', 'STORAGE_FAILED');
        failed(t, await log.deleteInstance('orders'), 'deleteInstance', 'STORAGE_FAILED');
        failed(t, await log.compact(), 'compact', 'STORAGE_FAILED', /no longer at/);
      }
      // What the file has can be read, and saved.
      t.is((await eventsOf(t, log, 'orders')).length, 5);
      const { intact, problems } = succeeded(t, await log.verify(), 'verify');
      t.false(intact);
      t.regex(problems[0].what, /no longer at/);
      const copy = join(await temporaryFolder(t), 'copy.redb');
      succeeded(t, await log.backup(copy), 'backup');
      t.is((await eventsOf(t, await openAt(t, copy), 'orders')).length, 5);
      await t.throwsAsync(following, { code: 'STORAGE_FAILED' });
      await t.throwsAsync(log.close(), { code: 'STORAGE_FAILED', message: /no longer at/ });
    });
  }
}

unlessWindows('a log goes on once its file is where it was', async (t) => {
  const path = await temporaryPath(t);
  const log = await logOfFive(t, path);
  renameSync(path, `${path}.moved`);
  failed(t, await log.appendEvent(made), 'appendEvent', 'STORAGE_FAILED');
  failed(t, await log.compact(), 'compact', 'STORAGE_FAILED');
  renameSync(`${path}.moved`, path);
  t.is((await appended(t, log, made)).sequence_number, 6);
  succeeded(t, await log.compact(), 'compact');
  await log.close();
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 6);
});

unlessWindows('a path that still names the file will do', async (t) => {
  const path = await temporaryPath(t);
  const log = await logOfFive(t, path);
  renameSync(path, `${path}.moved`);
  symlinkSync(`${path}.moved`, path);
  t.is((await appended(t, log, made)).sequence_number, 6);
  rmSync(path);
  linkSync(`${path}.moved`, path);
  t.is((await appended(t, log, made)).sequence_number, 7);
  t.true((await log.verify()).data.intact);
  await log.close();
});

unlessWindows('a log whose program goes to another folder stays where it is', async (t) => {
  const folder = await temporaryFolder(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open('log.redb');
    process.chdir('/');
    const params = { instanceId: 'orders', eventType: 'made', autoCreateInstance: true };
    console.log(JSON.stringify(await log.appendEvent(params)));
    await log.close();
  `;
  t.true((await runForJson(t, source, { cwd: folder })).success);
  t.deepEqual(readdirSync(folder), ['log.redb']);
});

unlessWindows('a symbolic link to a file that is not there makes it there', async (t) => {
  const folder = await temporaryFolder(t);
  mkdirSync(join(folder, 'real'));
  const path = join(folder, 'link.redb');
  symlinkSync(join(folder, 'real', 'log.redb'), path);
  const log = await logOfFive(t, path);
  t.true((await log.verify()).data.intact);
  await log.close();
  t.true(statSync(join(folder, 'real', 'log.redb')).size > 0);
  t.deepEqual(readdirSync(folder).sort(), [basename(path), 'real']);
});
