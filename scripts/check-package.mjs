// Checks what a user gets from the registry: packs the main package and this machine's platform
// package as they would be published, looks at both, installs them into an empty app outside the
// repository, and runs that app as ESM, as CommonJS and through the TypeScript compilers. Each
// package of `packages/` is then packed, looked at, and installed beside them into an app of its
// own, which runs the programs of its `test/package/`.
//
// The addons have to be built before, also that of `packages/postgres/`.

import {
  copyFileSync,
  cpSync,
  existsSync,
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
import {
  addonName,
  besides,
  checkEqual,
  fail,
  made,
  manifest,
  pack,
  packBoth,
  packWithAddon,
} from './tarballs.mjs';
import { compilers, program } from './typescript.mjs';

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-package-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const { platform, main, addon, dependencies } = packBoth(folder);
checkContents(main, [...publishedFiles(root, manifest), ...made]);
checkContents(addon, [addonName(platform), 'README.md', 'package.json']);
lint(main, manifest);
const app = makeApp('app');
// Without a registry: what the package depends on is among the tarballs, and other platforms are optional.
install(app, ['--offline'], main, addon, ...dependencies);
checkInstalled(app, [
  manifest.name,
  `${manifest.name}-${platform}`,
  ...Object.keys(manifest.dependencies ?? {}),
]);
runInApp(app, join(root, '__test__', 'package'), ['esm.mjs', 'commonjs.cjs']);
runCommand(app);
compileInApp(app);
console.log(`${main.filename} and ${addon.filename}: packed, installed and run`);
for (const beside of besides()) checkBeside(beside);

/** Checks one package of `packages/`. */
function checkBeside({ folder: source, manifest: own }) {
  const packed = own.napi ? packWithAddon(source, own, folder) : { main: pack(source, folder) };
  const tarball = packed.main;
  checkContents(tarball, publishedFiles(source, own));
  if (own.napi) {
    checkContents(packed.addon, [addonName(packed.platform, own), 'README.md', 'package.json']);
  }
  lint(tarball, own);
  const target = makeApp(`app-${own.name.replace('/', '-')}`);
  const others = packed.addon === undefined ? [] : [packed.addon];
  install(target, ['--prefer-offline'], main, addon, ...dependencies, tarball, ...others);
  const programs = join(source, 'test', 'package');
  if (!existsSync(programs)) {
    fail(source, 'programs in test/package/ that use the installed package', 'none');
  }
  const names = readdirSync(programs).filter((name) => /\.[cm]js$/.test(name));
  runInApp(target, programs, names);
  console.log(`${tarball.filename}: packed, installed and run`);
}

/** The files that a package publishes: those that its manifest names, by themselves or by a folder, and what npm adds. */
function publishedFiles(source, { files }) {
  const named = files.flatMap((name) => {
    if (!statSync(join(source, name)).isDirectory()) return [name];
    return readdirSync(join(source, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(source, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  });
  return [...named, 'LICENSE', 'README.md', 'package.json'];
}

/**
 * @param {{ filename: string, files: { path: string }[] }} tarball - What was packed.
 * @param {string[]} expected - The files that it has to hold, and no others.
 */
function checkContents(tarball, expected) {
  const found = tarball.files.map((file) => file.path);
  checkEqual(`files of ${tarball.filename}`, expected, found);
}

/**
 * @param {{ path: string }} tarball - What was packed.
 * @param {{ type?: string }} own - What the package says of itself.
 */
function lint(tarball, own) {
  runNode([program('publint', 'publint'), 'run', tarball.path, '--strict']);
  // A package that is ES modules alone is not for `require` of old versions.
  const profile = own.type === 'module' ? ['--profile', 'esm-only'] : [];
  const attw = program('@arethetypeswrong/cli', 'attw');
  runNode([attw, tarball.path, '--no-definitely-typed', ...profile]);
}

/** Makes an empty app, and returns its folder. */
function makeApp(name) {
  const target = join(folder, name);
  mkdirSync(target);
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  return target;
}

/** Installs tarballs into an app. */
function install(target, parameters, ...tarballs) {
  const given = ['install', '--no-audit', '--no-fund', ...parameters];
  runNpm([...given, ...tarballs.map((tarball) => tarball.path)], { cwd: target });
}

/** Expects the packages of an app to be these: what the repository is developed with is nobody's. */
function checkInstalled(target, expected) {
  const found = readdirSync(join(target, 'node_modules')).filter((name) => !name.startsWith('.'));
  checkEqual(`packages of ${target}`, expected, found);
}

/**
 * @param {string} target - The folder of the app.
 * @param {string} programs - A folder of programs, which is copied into the app.
 * @param {string[]} names - Those of them that are run.
 */
function runInApp(target, programs, names) {
  const { CODEBOLT_EVENTLOG_PATH: _, CODEBOLT_EVENTLOG_ADDON: __, ...env } = process.env;
  cpSync(programs, target, { recursive: true });
  for (const name of names) {
    // The limit is there for a program that never ends.
    runNode([join(target, name)], { cwd: target, env, timeout: 120_000 });
  }
}

/** Asks for the log that the two programs have left behind, by what `npx` runs. */
function runCommand(target) {
  const { CODEBOLT_EVENTLOG_PATH: _, CODEBOLT_EVENTLOG_ADDON: __, ...env } = process.env;
  const query = 'codebolt-eventlog query installed --group-by payload.by -o csv'.split(' ');
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
  const versions = compilers().map(versionOf);
  const ends = [Math.min(...versions), Math.max(...versions)];
  for (const [place, { since = 0, ...mode }] of modes.entries()) {
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
    // By each in the first mode, and by the oldest and the newest in the others.
    const able = compilers().filter((compiler) => {
      const version = versionOf(compiler);
      return version >= since && (place === 0 || ends.includes(version));
    });
    for (const { path } of able) runNode([path, '--project', project], { cwd: target });
  }
}

/** The version of a compiler, such as 5.2. */
function versionOf({ version }) {
  return Number.parseFloat(version);
}
