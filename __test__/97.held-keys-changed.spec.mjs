// Changing the key of a log that a key management service holds.

import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import test from 'ava';

import { KEY, failed, succeeded } from './support/encrypted.mjs';
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

test('the key is changed from one service to another, to a key, and back', async (t) => {
  const [old, next] = [new Service(), new Service()];
  const { path, events } = await filled(t, old);
  const [first] = await keysIn(path);
  const log = await openAt(t, path, optionsOf(old));
  t.is(succeeded(t, await log.rotateKey(next)).keys, 3);
  t.deepEqual(await read(log), events);
  await log.close();
  const [second, ...others] = await keysIn(path);
  t.notDeepEqual(second, first);
  t.deepEqual(others, []);
  await refused(t, path, old, 'KEY_UNAVAILABLE', /unwrap: it has failed/);
  const again = await openAt(t, path, optionsOf(next));
  t.deepEqual(await read(again), events);
  succeeded(t, await again.rotateKey(KEY));
  await again.close();
  t.false((await namesBeside(path)).includes(basename(keyFileOf(path))));
  await refused(t, path, next, 'KEY_UNAVAILABLE', /rotateKey makes it$/);
  const plain = await openAt(t, path, optionsOf(KEY));
  succeeded(t, await plain.rotateKey(next));
  t.deepEqual(await read(plain), events);
  await plain.close();
  t.deepEqual(await read(await openAt(t, path, optionsOf(next))), events);
});

test('a key that is not changed stays, and so does the file', async (t) => {
  const service = new Service();
  const { path, events } = await filled(t, service);
  const log = await openAt(t, path, optionsOf(service));
  const written = await readFile(keyFileOf(path), 'utf8');
  const away = { wrap: () => Promise.reject(new Error('away')), unwrap: () => {} };
  failed(t, await log.rotateKey(away), 'KEY_UNAVAILABLE', /^key\.wrap: it has failed: away$/);
  const without = await openAt(t, path);
  failed(t, await without.rotateKey(new Service()), 'KEY_UNAVAILABLE', /opened without `key`/);
  // While the service is at it, the log is closed.
  const closing = (closed) =>
    new (class extends Service {
      async wrap(...given) {
        await closed.close();
        return super.wrap(...given);
      }
    })();
  failed(t, await log.rotateKey(closing(log)), 'CLOSED');
  const plainPath = await temporaryPath(t);
  const plain = await openAt(t, plainPath, optionsOf(KEY));
  failed(t, await plain.rotateKey(closing(plain)), 'CLOSED');
  t.false((await namesBeside(plainPath)).includes(basename(keyFileOf(plainPath))));
  t.is(await readFile(keyFileOf(path), 'utf8'), written);
  t.deepEqual(await read(await openAt(t, path, optionsOf(service))), events);
});

test('whichever key the keyring has after a crash, the file has it', async (t) => {
  const [old, next] = [new Service(), new Service()];
  const { path, events } = await filled(t, old);
  const [before] = await keysIn(path);
  const folder = dirname(await temporaryPath(t));
  for (const name of [path, `${path}.keyring`]) await copyFile(name, join(folder, basename(name)));
  const copy = join(folder, basename(path));
  const log = await openAt(t, path, optionsOf(old));
  succeeded(t, await log.rotateKey(next));
  await log.close();
  const [after] = await keysIn(path);
  // As a crash leaves it, before the keyring has the new key, and once it has it.
  const both = { format: 'codebolt-eventlog-key', version: 1, keys: [after, before] };
  for (const [at, service] of [
    [copy, old],
    [path, next],
  ]) {
    await writeFile(keyFileOf(at), JSON.stringify(both));
    // What is wrong with the service is told, and is not taken for the other key.
    let asked = 0;
    const short = async () => {
      asked += 1;
      return randomBytes(31);
    };
    const wrong = { wrap: short, unwrap: short };
    await refused(t, at, wrong, 'INVALID_ARGUMENT', /unwrap: expected 32 bytes, found 31 bytes$/);
    t.is(asked, 1);
    const found = await openAt(t, at, optionsOf(service));
    t.deepEqual(await read(found), events);
    // The next change leaves one.
    succeeded(t, await found.rotateKey(service));
    t.is((await keysIn(at)).length, 1);
    t.deepEqual(await read(found), events);
    await found.close();
  }
});

test('while it is not known which key the keyring has, or gets, the file has both', async (t) => {
  const [old, next] = [new Service(), new Service()];
  const path = await temporaryPath(t);
  const log = await openAt(t, path, optionsOf(old));
  // Whoever has the log open with the key before may still make a keyring.
  t.is(succeeded(t, await log.rotateKey(next)).keys, 0);
  t.is((await keysIn(path)).length, 2);
  for (const service of [old, next]) await (await openAt(t, path, optionsOf(service))).close();

  const { path: filledPath } = await filled(t, old);
  const [before] = await keysIn(filledPath);
  const other = await openAt(t, filledPath, optionsOf(old));
  const keyring = `${filledPath}.keyring`;
  await rename(keyring, `${keyring}.away`);
  await mkdir(keyring);
  failed(t, await other.rotateKey(next), 'STORAGE_FAILED', /./);
  const [made, kept] = await keysIn(filledPath);
  t.truthy(made);
  t.deepEqual(kept, before);
  // Of two that do not open it, it is told of the first.
  await rmdir(keyring);
  await rename(`${keyring}.away`, keyring);
  let asked = 0;
  const away = async () => {
    asked += 1;
    throw new Error(`away ${asked}`);
  };
  const stranger = { wrap: away, unwrap: away };
  await refused(t, filledPath, stranger, 'KEY_UNAVAILABLE', /away 1$/);
  t.is(asked, 2);
});
