// A dependency may bring a copy of the package of its own: then two addons live in one process.

import { cp, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { run } from './support/child.mjs';
import { eventsOf } from './support/response.mjs';
import { openAt, temporaryFolder } from './support/temporary.mjs';

const packageFolder = dirname(fileURLToPath(new URL('../index.js', import.meta.url)));

/** Copies what of the package is loaded, and returns the copy's main file. */
async function copyPackage(t) {
  const folder = await temporaryFolder(t);
  const files = await readdir(packageFolder);
  const addons = files.filter((file) => file.endsWith('.node'));
  t.not(addons.length, 0, 'the addon has not been built');
  const { files: published } = JSON.parse(await readFile(join(packageFolder, 'package.json')));
  const modules = published.filter((name) => name === 'lib' || name.endsWith('.js'));
  for (const name of ['package.json', ...modules, ...addons]) {
    await cp(join(packageFolder, name), join(folder, name), { recursive: true });
  }
  return join(folder, 'index.js');
}

/** Has each copy append to its file, and ends with the appends in flight. */
const APPEND_WITH_BOTH = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const [mine, copied, ...paths] = process.argv.slice(1);
  const packages = [require(mine), require(copied)];
  if (packages[0].EventLog === packages[1].EventLog) throw new Error('expected two copies');
  for (const [index, { EventLog }] of packages.entries()) {
    const log = await EventLog.open(paths[index]);
    await log.createInstance('orders');
    for (let n = 0; n < 50; n += 1) {
      log.appendEvent({ instanceId: 'orders', streamId: 'copy ' + index, eventType: 'made' });
    }
  }
  process.exit(0);
`;

for (const [name, files] of [
  ['a file each', ['a.redb', 'b.redb']],
  ['one file', ['log.redb', 'log.redb']],
]) {
  test(`two copies of the package in one process, with ${name}, store what was called before process.exit()`, async (t) => {
    const folder = await temporaryFolder(t);
    const paths = files.map((file) => join(folder, file));
    const args = [join(packageFolder, 'index.js'), await copyPackage(t), ...paths];
    const ended = await run(t, APPEND_WITH_BOTH, { args });
    t.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
    for (const [index, path] of paths.entries()) {
      const log = await openAt(t, path);
      t.is((await eventsOf(t, log, 'orders', `copy ${index}`)).length, 50);
    }
  });
}
