// What is published has what every program loads in few files. It does what the files of the repository do.

import { cpSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { CORES, bundle } from '../scripts/bundle.mjs';
import { runFile } from './support/child.mjs';
import { temporaryFolder } from './support/temporary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Makes the package as it is published, with the addon beside it. */
async function published(t) {
  const folder = await temporaryFolder(t);
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'));
  for (const name of addons) symlinkSync(join(root, name), join(folder, name));
  for (const name of ['package.json', ...require('../package.json').files]) {
    if (name !== 'docs' && name !== 'examples') {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
  }
  return { folder, names: bundle(folder) };
}

/** What a program prints that is in a folder, as JSON. */
async function printed(t, folder, name, source) {
  const file = join(folder, name);
  writeFileSync(file, source);
  const { stdout, stderr, code } = await runFile(t, file, { cwd: folder });
  t.is(stderr, '');
  t.is(code, 0);
  return JSON.parse(stdout);
}

/** Opens a log, appends to it, and prints what it has loaded of the package for that. */
const APPENDING = `
  const { EventLog } = require('./index.js');
  (async () => {
    const log = await EventLog.open('log.redb');
    const { data } = await log.appendEvent({ instanceId: 'a', eventType: 'b', autoCreateInstance: true });
    await log.close();
    const loaded = Object.keys(require.cache).filter((name) => name.endsWith('.js'));
    console.log(JSON.stringify([data.event.sequence_number, loaded.map((name) => name.slice(__dirname.length + 1))]));
  })();
`;

test('a program that appends loads five files beside the entry, and one that has to stay apart', async (t) => {
  const { folder } = await published(t);
  const [sequence, loaded] = await printed(t, folder, 'appending.cjs', APPENDING);
  t.is(sequence, 1);
  const expected = [
    'index.js',
    ...[...CORES, join('wire', 'exit.js')].map((name) => join('lib', name)),
  ];
  t.deepEqual(loaded.toSorted(), expected.toSorted());
});

test('both entries have the same exports as in the repository, and the same as each other', async (t) => {
  const { folder } = await published(t);
  const found = await printed(
    t,
    folder,
    'exports.mjs',
    `import { createRequire } from 'node:module';
     import * as module from './index.mjs';
     const required = createRequire(import.meta.url)('./index.js');
     const same = Object.keys(required).filter((key) => key !== '__esModule' && required[key] !== module[key]);
     console.log(JSON.stringify([Object.keys(required), same]));`,
  );
  t.deepEqual(found, [Object.keys(require('../index.js')), []]);
});

test('what is loaded late knows the errors of what is loaded first', async (t) => {
  const { folder } = await published(t);
  const found = await printed(
    t,
    folder,
    'late.cjs',
    `const { EventLog, EventLogError } = require('./index.js');
     (async () => {
       const log = await EventLog.open(':memory:');
       const errors = [];
       const note = (error) => errors.push([error instanceof EventLogError, error.constructor === EventLogError, error.code]);
       await log.strict.getInstance('none').catch(note);
       try { for await (const _ of log.readAll({ instance: 'none' })); } catch (error) { note(error); }
       await log.close();
       await log.strict.listInstances().catch(note);
       console.log(JSON.stringify(errors));
     })();`,
  );
  t.deepEqual(found, [
    [true, true, 'INSTANCE_NOT_FOUND'],
    [true, true, 'INSTANCE_NOT_FOUND'],
    [true, true, 'CLOSED'],
  ]);
});

test('each file that went into another gives what it gave, and the command line runs', async (t) => {
  const { folder, names } = await published(t);
  t.true(names.includes('event-log.js') && names.includes('wire/calls.js'));
  const sources = names.map((name) => `require('./lib/${name}')`);
  const found = await printed(
    t,
    folder,
    'each.cjs',
    `console.log(JSON.stringify([${sources.join(', ')}].map((it) => [typeof it, Object.keys(it)])));`,
  );
  t.deepEqual(
    found,
    names.map((name) => {
      const exported = require(`../lib/${name}`);
      return [typeof exported, Object.keys(exported)];
    }),
  );
  const { stdout } = await runFile(t, join(folder, 'bin', 'codebolt-eventlog.js'), {
    cwd: folder,
    args: ['--version'],
  });
  t.is(stdout.trim(), require('../package.json').version);
});

test('a load of it that is given up is given back', async (t) => {
  const { folder } = await published(t);
  const file = join(folder, 'loads.cjs');
  writeFileSync(
    file,
    `const loads = [];
     const use = async () => {
       for (const name of Object.keys(require.cache)) {
         if (/[\\\\/](lib[\\\\/].*|index)\\.js$/.test(name)) delete require.cache[name];
       }
       module.children.length = 0;
       const { EventLog } = require('./index.js');
       const log = await EventLog.open(':memory:');
       await log.appendEvent({ instanceId: 'a', eventType: 'b', autoCreateInstance: true });
       await log.close();
       loads.push(new WeakRef(EventLog));
     };
     (async () => {
       for (let n = 0; n < 20; n += 1) await use();
       const alive = () => loads.filter((load) => load.deref() !== undefined).length;
       for (let n = 0; n < 100 && alive() > 1; n += 1) {
         await new Promise(setImmediate);
         gc();
       }
       console.log(JSON.stringify([new Set(loads.map((it) => it.deref()).filter(Boolean)).size, alive()]));
     })();`,
  );
  const { stdout, stderr } = await runFile(t, file, { cwd: folder, flags: ['--expose-gc'] });
  t.is(stderr, '');
  const [different, alive] = JSON.parse(stdout);
  t.true(different <= 1 && alive <= 1, stdout);
});

test('a name that the files of the layers use themselves is refused in a file', async (t) => {
  const folder = await temporaryFolder(t);
  cpSync(join(root, 'lib'), join(folder, 'lib'), { recursive: true });
  cpSync(join(root, 'index.js'), join(folder, 'index.js'));
  const pause = join(folder, 'lib', 'pause.js');
  writeFileSync(pause, `${readFileSync(pause, 'utf8')}\nconst loadOfCore = 1;\n`);
  const error = t.throws(() => bundle(folder));
  t.regex(error.message, /^pause\.js: expected nothing named loadOfCore/);
});
