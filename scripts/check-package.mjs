// Checks what a user gets from the registry: packs the main package and this machine's platform
// package as they would be published, looks at both, installs them into an empty app outside the
// repository, and runs that app as ESM, as CommonJS and through the TypeScript compilers.
//
// The addon has to be built before.

import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { root, runNode, runNpm } from './command.mjs';
import { addonName, checkEqual, manifest, packBoth } from './tarballs.mjs';
import { compilers, program } from './typescript.mjs';

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-package-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const { platform, main, addon, dependencies } = packBoth(folder);
checkContents(main, [...publishedFiles(), 'LICENSE', 'README.md', 'package.json']);
checkContents(addon, [addonName(platform), 'README.md', 'package.json']);
lint(main);
const app = install(main, addon, ...dependencies);
runInApp(app);
compileInApp(app);
console.log(`${main.filename} and ${addon.filename}: packed, installed and run`);

/** @returns {string[]} The files that the manifest names, by themselves or by a folder. */
function publishedFiles() {
  return manifest.files.flatMap((name) => {
    if (!statSync(join(root, name)).isDirectory()) return [name];
    return readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  });
}

/**
 * @param {{ filename: string, files: { path: string }[] }} tarball - What was packed.
 * @param {string[]} expected - The files that it has to hold, and no others.
 */
function checkContents(tarball, expected) {
  const found = tarball.files.map((file) => file.path);
  checkEqual(`files of ${tarball.filename}`, expected, found);
}

/** @param {{ path: string }} tarball - The main package. */
function lint(tarball) {
  runNode([program('publint', 'publint'), 'run', tarball.path, '--strict']);
  runNode([program('@arethetypeswrong/cli', 'attw'), tarball.path, '--no-definitely-typed']);
}

/**
 * Installs tarballs into an empty app, without a registry: the platform package is one of the
 * tarballs, and those of other platforms are optional.
 *
 * @param {...{ path: string }} tarballs - What to install.
 * @returns {string} The folder of the app.
 */
function install(...tarballs) {
  const target = join(folder, 'app');
  mkdirSync(target);
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  const parameters = ['install', '--offline', '--no-audit', '--no-fund'];
  runNpm([...parameters, ...tarballs.map((tarball) => tarball.path)], { cwd: target });
  return target;
}

/** @param {string} target - The folder of the app. */
function runInApp(target) {
  const { CODEBOLT_EVENTLOG_PATH: _, CODEBOLT_EVENTLOG_ADDON: __, ...env } = process.env;
  cpSync(join(root, '__test__', 'package'), target, { recursive: true });
  for (const name of ['esm.mjs', 'commonjs.cjs']) {
    // The limit is there for a program that never ends.
    runNode([join(target, name)], { cwd: target, env, timeout: 120_000 });
  }
  // The log that the two have left behind, by what `npx` runs.
  const query = [
    'codebolt-eventlog',
    'query',
    'installed',
    '--group-by',
    'payload.by',
    '-o',
    'csv',
  ];
  const options = { cwd: target, env, stdio: ['ignore', 'pipe', 'inherit'] };
  const found = runNpm(['exec', '--offline', '--', ...query], options).trimEnd();
  checkEqual('what npx prints', ['payload.by,count', 'commonjs,1', 'esm,1'], found.split('\r\n'));
}

/**
 * Compiles the type tests against the installed package, which has to do without the repository's
 * own configuration: with the types of Node.js, and with nothing but the compiler's default library.
 *
 * @param {string} target - The folder of the app.
 */
function compileInApp(target) {
  const tests = join(root, '__test__', 'types');
  const programs = readdirSync(tests).filter((name) => /\.[cm]ts$/.test(name));
  for (const name of programs) copyFileSync(join(tests, name), join(target, name));
  const modes = [
    { lib: ['es2022'], types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] },
    { types: [] },
    { types: [], exactOptionalPropertyTypes: true },
    // What Vite, Next and the like use: imports mean what they say, not what Node.js makes of them.
    { types: [], module: 'esnext', moduleResolution: 'bundler' },
    // TypeScript has it from 5.4.
    { types: [], module: 'preserve', since: 5.4 },
  ];
  for (const { since = 0, ...mode } of modes) {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      skipLibCheck: false,
      ...mode,
    };
    const project = join(target, 'tsconfig.json');
    const files = programs.filter((name) => mode.module === undefined || name.endsWith('.mts'));
    writeFileSync(project, JSON.stringify({ compilerOptions, files }));
    const able = compilers().filter(({ version }) => Number.parseFloat(version) >= since);
    for (const { path } of able) runNode([path, '--project', project], { cwd: target });
  }
}
