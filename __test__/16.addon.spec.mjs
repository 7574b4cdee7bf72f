// Where the addon is looked for, and what the import of the package says when it cannot be loaded.

import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { bundle } from '../scripts/bundle.mjs';
import { run, runFile } from './support/child.mjs';
import { temporaryFolder } from './support/temporary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const manifest = require('../package.json');
const { platformName } = require('../lib/addon/platform.js');

const platform = platformName();
const fileName = `codebolt-eventlog.${platform}.node`;
const built = join(root, fileName);
const packageName = `codebolt-eventlog-${platform}`;
const platforms = readdirSync(join(root, 'npm')).toSorted();
const elsewhere = platforms.find(
  (name) => name.startsWith('darwin') !== platform.startsWith('darwin'),
);

/** Makes an app that has the package as it is published, and the packages that `add` puts beside it. */
async function appWith(t, add = () => {}) {
  const folder = await temporaryFolder(t);
  const modules = join(folder, 'node_modules');
  for (const name of ['package.json', ...manifest.files]) {
    cpSync(join(root, name), join(modules, 'codebolt-eventlog', name), { recursive: true });
  }
  bundle(join(modules, 'codebolt-eventlog'));
  add(modules);
  return folder;
}

/** Puts a package into node_modules whose only file is `source`, or has that text. */
function addPackage(modules, name, { source, text }) {
  const folder = join(modules, name);
  mkdirSync(folder, { recursive: true });
  const main = text === undefined ? 'addon.node' : 'addon.js';
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', main }));
  if (text === undefined) cpSync(source, join(folder, main));
  else writeFileSync(join(folder, main), text);
}

const addBuilt = (modules) => addPackage(modules, packageName, { source: built });

const program =
  "const { EventLog } = require('codebolt-eventlog'); console.log(typeof EventLog.open);";

/** Runs a program that loads the package in an app. */
async function load(t, cwd, { env, flags } = {}) {
  const file = join(cwd, 'program.cjs');
  writeFileSync(file, program);
  const variables = { CODEBOLT_EVENTLOG_ADDON: '', ...env };
  const { stdout, stderr } = await runFile(t, file, { cwd, env: variables, flags });
  return { stdout: stdout.trim(), error: /^Error: (.*)$/m.exec(stderr)?.[1], stderr };
}

test("the platform's package is found beside the package", async (t) => {
  t.is((await load(t, await appWith(t, addBuilt))).stdout, 'function');
});

test("the platform's package is found where only the package sees it", async (t) => {
  // As a package manager lays them out that links: the app sees what it has asked for.
  const folder = await appWith(t);
  const store = await appWith(t, addBuilt);
  cpSync(join(store, 'node_modules'), join(folder, 'store', 'node_modules'), { recursive: true });
  const modules = join(folder, 'app', 'node_modules');
  mkdirSync(modules, { recursive: true });
  symlinkSync(
    join(folder, 'store', 'node_modules', 'codebolt-eventlog'),
    join(modules, 'codebolt-eventlog'),
    'junction',
  );
  t.is((await load(t, join(folder, 'app'))).stdout, 'function');
});

test('a missing package is named, with why and what to do', async (t) => {
  const { stdout, error, stderr } = await load(t, await appWith(t));
  t.is(stdout, '');
  t.is(
    error,
    `codebolt-eventlog: expected the package ${packageName}, found none: the install left it out, as ` +
      '--omit=optional does, and a lock file that does not name it; ' +
      `npm install ${packageName}@${manifest.version} adds it`,
  );
  t.regex(stderr, /code: 'ADDON_NOT_LOADED'/);
});

test('a package that has no addon in it is told from a missing one', async (t) => {
  const app = await appWith(t, (modules) => {
    addPackage(modules, packageName, { source: built });
    rmSync(join(modules, packageName, 'addon.node'));
  });
  const { error } = await load(t, app);
  t.is(
    error,
    `codebolt-eventlog: expected the file codebolt-eventlog.${platform}.node in the package ${packageName}, found none: ` +
      'install the package again, or pack it with npm run pack if it comes from the sources',
  );
});

test("a node_modules of another platform is told by that one's package", async (t) => {
  const app = await appWith(t, (modules) => {
    addPackage(modules, `codebolt-eventlog-${elsewhere}`, { source: built });
  });
  const { error } = await load(t, app);
  t.is(
    error,
    `codebolt-eventlog: expected the package ${packageName}, found that of ${elsewhere}: node_modules was ` +
      `installed for another platform; npm install ${packageName}@${manifest.version} adds it`,
  );
});

test('a platform without a package is told which there are', async (t) => {
  const app = await appWith(t);
  writeFileSync(
    join(app, 'plan9.cjs'),
    "Object.defineProperty(process, 'arch', { value: 'mips' });",
  );
  const { error } = await load(t, app, { flags: ['--require', './plan9.cjs'] });
  t.regex(error, /expected one of the platforms .*, found \w+-mips/);
  for (const name of platforms) t.true(error.includes(name), name);
});

test('an addon of another version is refused', async (t) => {
  for (const [text, found] of [
    ["exports.version = () => '0.0.9';", '0.0.9'],
    ['', 'one without a version'],
  ]) {
    const app = await appWith(t, (modules) => addPackage(modules, packageName, { text }));
    const { error } = await load(t, app);
    t.is(
      error,
      `codebolt-eventlog: ${packageName}: expected the addon of version ${manifest.version}, found ${found}: ` +
        'install or copy the two together',
    );
  }
});

test('a file that is no addon is named', async (t) => {
  const app = await appWith(t, (modules) => {
    addPackage(modules, packageName, { source: join(root, 'LICENSE') });
  });
  const { error } = await load(t, app);
  t.regex(
    error,
    new RegExp(`^codebolt-eventlog: ${packageName}: expected an addon that loads here, found`),
  );
});

test('what a dependency of the addon throws is told as it is', async (t) => {
  const text =
    "throw Object.assign(new Error('libz.so.1: not there'), { code: 'ERR_DLOPEN_FAILED' });";
  const app = await appWith(t, (modules) => addPackage(modules, packageName, { text }));
  t.regex((await load(t, app)).error, /found one that does not: libz\.so\.1: not there$/);
});

test('an older C library is told by what is asked for', async (t) => {
  const text = 'throw new Error("libm.so.6: version `GLIBC_2.29\' not found");';
  const app = await appWith(t, (modules) => addPackage(modules, packageName, { text }));
  t.regex((await load(t, app)).error, /: expected glibc 2\.17 or later, found an older one: libm/);
});

test('the variable names the file, before all else', async (t) => {
  const app = await appWith(t, (modules) => {
    addPackage(modules, packageName, { text: "throw new Error('not asked for')" });
  });
  cpSync(built, join(app, 'own.node'));
  for (const CODEBOLT_EVENTLOG_ADDON of [built, 'own.node', './own.node']) {
    const env = { CODEBOLT_EVENTLOG_ADDON };
    t.is((await load(t, app, { env })).stdout, 'function', CODEBOLT_EVENTLOG_ADDON);
  }
});

test('nothing else is looked for when the file of the variable is not there', async (t) => {
  const app = await appWith(t, addBuilt);
  const { stdout, error } = await load(t, app, { env: { CODEBOLT_EVENTLOG_ADDON: 'gone.node' } });
  t.is(stdout, '');
  t.regex(error, /^codebolt-eventlog: CODEBOLT_EVENTLOG_ADDON: gone\.node: .*Cannot find module/);
});

test('the permission that is not there is named', async (t) => {
  const app = await appWith(t, addBuilt);
  const none = await load(t, app, { flags: ['--no-addons'] });
  t.regex(none.error, /Node\.js was told to load no addons: start it without --no-addons$/);
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const few = await load(t, app, { flags: [permission, '--allow-fs-read=*'] });
  t.regex(few.error, /Node\.js was told to load no addons: start it with --allow-addons$/);
  const flags = [permission, '--allow-fs-read=*', '--allow-addons'];
  t.is((await load(t, app, { flags })).stdout, 'function');
});

const POSTGRES = 'codebolt-eventlog-postgres';

/** Opens a log in PostgreSQL in an app, and tells what that was refused with. */
async function openPostgres(t, cwd, env) {
  const file = join(cwd, 'postgres.cjs');
  writeFileSync(
    file,
    `const { EventLog } = require('codebolt-eventlog');
    EventLog.open('postgres://me:secret@127.0.0.1:1/log?sslmode=disable', { serverWaitMs: 0 }).catch((error) => {
      console.log(JSON.stringify([error.code, error.message, error.stack]));
    });`,
  );
  const variables = { CODEBOLT_EVENTLOG_ADDON: '', ...env };
  const { stdout, stderr } = await runFile(t, file, { cwd, env: variables });
  t.is(stderr, '');
  t.false(stdout.includes('secret'));
  return JSON.parse(stdout).slice(0, 2);
}

test('without its package, a log in PostgreSQL is refused with what to install', async (t) => {
  t.deepEqual(await openPostgres(t, await appWith(t, addBuilt)), [
    'INVALID_ARGUMENT',
    `path: expected the package ${POSTGRES}, which opens such logs, found none: npm install ` +
      `${POSTGRES}@${manifest.version} adds it`,
  ]);
});

test('a package for PostgreSQL that cannot be used here is told by why', async (t) => {
  const packageWith = (text) => (modules) => {
    addBuilt(modules);
    addPackage(modules, POSTGRES, { text });
  };
  for (const [text, found] of [
    [
      'exports.load = () => undefined;',
      `expected the package ${POSTGRES}-${platform}, found none beside ${POSTGRES}: npm install ` +
        `${POSTGRES}-${platform}@${manifest.version} adds it`,
    ],
    [
      "exports.load = () => ({ version: () => '0.0.9' });",
      `${POSTGRES}: expected the addon of version ${manifest.version}, found 0.0.9: install or copy the two together`,
    ],
    [
      "exports.load = () => { throw new Error('libz.so.1: not there'); };",
      `${POSTGRES}: expected an addon that loads here, found one that does not: libz.so.1: not there`,
    ],
  ]) {
    const app = await appWith(t, packageWith(text));
    t.deepEqual(await openPostgres(t, app), ['STORAGE_FAILED', `path: ${found}`]);
    // Nobody else is in its way.
    t.is((await load(t, app)).stdout, 'function');
  }
});

test('the C library is the one of the program that runs', async (t) => {
  const folder = await temporaryFolder(t);
  const source = `
    import { createRequire } from 'node:module';
    Object.defineProperty(process, 'platform', { value: 'linux' });
    Object.defineProperty(process, 'arch', { value: 'x64' });
    const { platformName } = createRequire(${JSON.stringify(import.meta.url)})('../lib/addon/platform.js');
    const name = (text) => {
      process.execPath = process.argv[1];
      return platformName();
    };
    if (process.argv[2]) process.report.getReport = () => JSON.parse(process.argv[2]);
    console.log(name());
  `;
  const nameFor = async (head, report) => {
    const path = join(folder, 'program');
    writeFileSync(path, head);
    const args = report === undefined ? [path] : [path, JSON.stringify(report)];
    const { stdout, stderr } = await run(t, source, { args });
    t.is(stderr, '');
    return stdout.trim();
  };
  t.is(await nameFor('\x7fELF…/lib64/ld-linux-x86-64.so.2\0'), 'linux-x64-gnu');
  t.is(await nameFor('\x7fELF…/lib/ld-musl-x86_64.so.1\0'), 'linux-x64-musl');
  t.is(await nameFor('linked statically', { header: {} }), 'linux-x64-musl');
  const report = { header: { glibcVersionRuntime: '2.39' } };
  t.is(await nameFor('linked statically', report), 'linux-x64-gnu');
});

test('what the package uses of Node.js is asked for in one place', (t) => {
  const lib = join(root, 'lib');
  for (const name of readdirSync(lib, { recursive: true })) {
    // The command line is a program of its own, which no bundle of the package has.
    if (name.startsWith('command-line')) continue;
    if (!name.endsWith('.js') || name === 'builtins.js') continue;
    const required =
      readFileSync(join(lib, name), 'utf8').match(/(?<=require\(')[^'.][^']*/g) ?? [];
    const others = required.filter(
      (each) => !/^(?:#addon-packages$|codebolt-eventlog-)/.test(each),
    );
    t.deepEqual(others, [], name);
  }
});

test('the parts that name versions and platforms agree', (t) => {
  t.is(require('../lib/version.js'), manifest.version);
  const postgres = require('../packages/postgres/package.json');
  t.is(postgres.version, manifest.version);
  t.is(postgres.peerDependencies[manifest.name], manifest.version);
  t.deepEqual(postgres.napi.targets, manifest.napi.targets);
  const named = readFileSync(join(root, 'packages', 'postgres', 'index.js'), 'utf8');
  t.deepEqual(
    named.match(/(?<=require\(')codebolt-eventlog-postgres-[\w-]+(?=')/g),
    platforms.map((each) => `${POSTGRES}-${each}`),
  );
  const lib = join(root, 'lib', 'addon');
  for (const name of ['packages.js', 'packages.bun.js', 'failure.js']) {
    const text = readFileSync(join(lib, name), 'utf8');
    const found = new Set(text.match(/(?<=')(?:darwin|linux|win32)-[\w-]+(?=')/g));
    t.deepEqual([...found].toSorted(), platforms, name);
    const packages = text.match(/(?<=')codebolt-eventlog-[\w-]+(?=')/g) ?? [];
    if (name !== 'failure.js') {
      t.deepEqual(
        packages,
        platforms.map((each) => `codebolt-eventlog-${each}`),
        name,
      );
    }
  }
});
