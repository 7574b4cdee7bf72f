// The package, this machine's platform package and those of `packages/`, packed as they are published.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CORES, bundle } from './bundle.mjs';
import { root, runNode, runNpm } from './command.mjs';
import { program } from './typescript.mjs';

/** What the main package says of itself. */
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The platforms that there is a package for, such as `linux-x64-gnu`. */
export const platforms = readdirSync(join(root, 'npm'));

/**
 * The packages of `packages/` that are published, in the order of their folders.
 *
 * @returns {{ folder: string, manifest: { name: string, files: string[], exports?: object } }[]} Where each is, and what
 *   it says of itself.
 */
export function besides() {
  const top = join(root, 'packages');
  if (!existsSync(top)) return [];
  return readdirSync(top)
    .toSorted()
    .map((name) => join(top, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    }))
    .filter((found) => found.manifest.private !== true);
}

/**
 * @typedef {{ name: string, version: string, files: string[], napi: { binaryName: string } }} Owner What a package says of
 *   itself that has others for each platform.
 */

/**
 * @typedef {{ filename: string, path: string, files: { path: string }[] }} Tarball A packed package: its name, where it
 *   is, and what is in it.
 */

/** What the main package has that the repository has not. */
export const made = CORES.map((core) => `lib/${core}`);

/**
 * Packs both. The addon has to be built before.
 *
 * @param {string} folder - An empty folder, which gets the tarballs and what they are made of.
 * @returns {{ platform: string, main: Tarball, addon: Tarball, staged: string, dependencies: Tarball[] }} The platform
 *   whose addon was built here, both tarballs, the folder of what was packed, and what the main package depends on.
 */
export function packBoth(folder) {
  return {
    ...packWithAddon(root, manifest, folder),
    dependencies: Object.keys(manifest.dependencies ?? {}).map((name) =>
      pack(join(root, 'node_modules', name), folder),
    ),
  };
}

/**
 * Packs a package that has others for each platform, and that of this platform, whose addon has to be built before.
 *
 * @param {string} source - Its folder.
 * @param {Owner} own - What it says of itself.
 * @param {string} folder - A folder, which gets the tarballs and what they are made of.
 * @returns {{ platform: string, main: Tarball, addon: Tarball, staged: string }} As {@link packBoth}.
 */
export function packWithAddon(source, own, folder) {
  const platform = builtPlatform(source, own);
  const staged = stage(source, own, folder, platform);
  return {
    platform,
    main: pack(staged, folder),
    addon: pack(join(staged, 'npm', platform), folder),
    staged,
  };
}

/**
 * @param {string} source - The folder of a package.
 * @param {Owner} own - What it says of itself.
 * @returns {string} The platform whose addon was built here, such as `linux-x64-gnu`.
 */
function builtPlatform(source, own) {
  const here = `${process.platform}-${process.arch}`;
  const built = platforms.filter(
    (name) => name.startsWith(here) && readdirSync(source).includes(addonName(name, own)),
  );
  if (built.length !== 1) {
    fail(source, `the addon of one platform, ${here}`, built.join(', ') || 'none');
  }
  return built[0];
}

/**
 * @param {string} name - A platform, such as `linux-x64-gnu`.
 * @param {Owner} own - What the package says of itself.
 * @returns {string} The file name of its addon.
 */
export function addonName(name, own = manifest) {
  return `${own.napi.binaryName}.${name}.node`;
}

/**
 * Copies what is published, and has the napi CLI prepare it as at a release. It refuses when an addon
 * is missing, so a text stands in for the others, whose packages are not packed here.
 */
function stage(source, own, folder, platform) {
  const target = join(folder, `staged-${own.name}`);
  mkdirSync(target);
  const files = ['package.json', 'README.md', 'LICENSE', ...own.files];
  for (const file of files) cpSync(join(source, file), join(target, file), { recursive: true });
  if (own.name === manifest.name) bundle(target);
  cpSync(join(root, 'Cargo.toml'), join(target, 'Cargo.toml'));
  cpSync(join(source, 'npm'), join(target, 'npm'), { recursive: true });
  for (const name of platforms) {
    const path = join(target, 'npm', name, addonName(name, own));
    if (name === platform) copyFileSync(join(source, addonName(name, own)), path);
    else writeFileSync(path, 'not built here');
  }
  const parameters = ['pre-publish', '--skip-optional-publish', '--no-gh-release'];
  runNode([program('@napi-rs/cli', 'napi'), ...parameters], {
    cwd: target,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const published = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  const expected = platforms.map((name) => `${own.name}-${name}@${own.version}`);
  const found = Object.entries(published.optionalDependencies ?? {}).map((pair) => pair.join('@'));
  checkEqual('optionalDependencies', expected, found);
  return target;
}

/**
 * Packs one package.
 *
 * @param {string} source - Its folder.
 * @param {string} folder - Where the tarball goes.
 * @returns {Tarball} What was packed.
 */
export function pack(source, folder) {
  const [packed] = JSON.parse(
    runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: source,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  return { filename: packed.filename, path: join(folder, packed.filename), files: packed.files };
}

/**
 * @param {string} place - What is compared.
 * @param {string[]} expected - What has to be there, in any order.
 * @param {string[]} found - What is there.
 */
export function checkEqual(place, expected, found) {
  const [left, right] = [expected, found].map((list) => list.toSorted().join(', '));
  if (left !== right) fail(place, left, right);
}

/**
 * @param {string} place - Where it is wrong.
 * @param {string} expected - What was expected there.
 * @param {string} found - What was found.
 * @returns {never}
 */
export function fail(place, expected, found) {
  console.error(`${place}: expected ${expected}, found ${found}`);
  process.exit(1);
}
