// Where the packages of the repository import each other. Imports run one way: `packages/*` from the root by its name,
// `bench/` and `torture/` from anywhere, and the root from none of them.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, sep } from 'node:path';

/**
 * Looks at what every published file imports, and at what the manifests say.
 *
 * @param {string} root - The folder of a repository.
 * @returns {string[]} A sentence for each import that runs the wrong way, or that the manifest does not name.
 */
export function packageComplaints(root) {
  const packages = packagesOf(root);
  return [
    ...packages.flatMap((own) =>
      importsOf(root, own).flatMap((found) => complaintOf(found, own, packages)),
    ),
    ...wrongManifests(packages),
  ];
}

/** The root first, then each package of `packages/`, then those that are only for those who develop it. */
function packagesOf(root) {
  const folders = ['', ...foldersIn(root, 'packages'), 'bench', 'torture'];
  // A release makes a package depend on those of its platforms.
  const platformsOf = (folder) =>
    foldersIn(root, posix.join(folder, 'npm')).map((each) => manifestOf(root, each).name);
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: manifestOf(root, folder),
      platforms: platformsOf(folder),
      isForDevelopment: folder === 'bench' || folder === 'torture',
    }));
}

function manifestOf(root, folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

function foldersIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
}

/** Each import of the files that a package publishes. Those that develop it publish none, and may import anything. */
function importsOf(root, { folder, manifest, isForDevelopment }) {
  if (isForDevelopment) return [];
  const named = (manifest.files ?? []).map((name) => posix.join(folder, name));
  const files = named
    .flatMap((path) => filesOf(root, path))
    .filter((path) => /\.[cm]?[jt]s$/.test(path));
  return files.flatMap((file) =>
    [...namesIn(readFileSync(join(root, file), 'utf8'))].map((name) => ({ file, name })),
  );
}

function filesOf(root, path) {
  if (!existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true })
    .map((name) => posix.join(path, name.split(sep).join('/')))
    .filter((each) => statSync(join(root, each)).isFile());
}

/** What a module imports, as it names it. */
export function* namesIn(text) {
  const code = text.replace(/^\s*(?:\/\/|\*).*/gm, '');
  const pattern = /(?:\brequire\(|\bimport\(|\bfrom\s+|\bimport\s+)'([^'\n]+)'/g;
  for (const [, name] of code.matchAll(pattern)) yield name;
}

function complaintOf({ file, name }, own, packages) {
  if (name.startsWith('.')) {
    const to = posix.join(posix.dirname(file), name);
    if (ownerOf(to, packages) === own && !isRepositoryOnly(to)) return [];
    return [`${file} imports ${name}, which is not in its own package`];
  }
  if (name.startsWith('#') || isBuiltin(name)) return [];
  const [scope, ...rest] = name.split('/');
  const target = scope.startsWith('@') ? `${scope}/${rest[0]}` : scope;
  if (target === own.manifest.name || dependenciesOf(own, file).includes(target)) return [];
  return [`${file} imports ${name}, which ${manifestName(own)} does not name`];
}

function manifestName({ folder }) {
  return posix.join(folder, 'package.json');
}

/** Folders of the root that are in no package. */
function isRepositoryOnly(path) {
  return /^(?:__test__|scripts|findings|fuzz)\//.test(path);
}

function ownerOf(path, packages) {
  const fitting = packages.filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`));
  return fitting.toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

/** The names of the packages that are there wherever a package is installed. */
function dependenciesOf({ folder, manifest, platforms }, file) {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest;
  const given = { ...dependencies, ...peerDependencies, ...optionalDependencies };
  // The programs of examples/ are run here, with what is here.
  if (folder === '' && file.startsWith('examples/')) Object.assign(given, devDependencies);
  return [...Object.keys(given), ...platforms];
}

/** The manifests that name a package that stands on theirs. */
function wrongManifests(packages) {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  const namesOf = ({ manifest }) =>
    ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies']
      .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
      .map((name) => byName.get(name))
      .filter((found) => found !== undefined);
  /** What a package needs, and what that needs. */
  const reached = (each, seen = new Set()) => {
    for (const next of namesOf(each)) {
      if (!seen.has(next)) reached(next, seen.add(next));
    }
    return seen;
  };
  return packages
    .filter((own) => !own.isForDevelopment)
    .flatMap((own) => {
      const name = manifestName(own);
      const needs = [...reached(own)];
      if (needs.includes(own)) return [`${name} needs itself, through what it names`];
      const wrong = namesOf(own).filter((each) => each.isForDevelopment || own.folder === '');
      return wrong.map((each) => `${name} names ${each.manifest.name}, which stands on it`);
    });
}
