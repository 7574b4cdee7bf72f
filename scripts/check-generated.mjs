// Fails when a committed file is not what its generator makes of the committed sources: the platform packages under
// `npm/` and `packages/postgres/npm/`.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, relative, sep } from 'node:path';
import { root, run, runNode } from './command.mjs';

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-generated-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The folders of the packages that have others for each platform. */
const OWNERS = ['.', 'packages/postgres'];

OWNERS.forEach(generate);
// The working tree says nothing here, since every build writes these files anew: what counts is what
// is, or is about to be, committed.
const committed = new Set(git('ls-files', '-z', '--', ...OWNERS.map(npmOf)).split('\0'));
committed.delete('');
const generated = new Set(filesOf(folder));

const faults = [
  ...[...generated].filter((path) => !committed.has(path)).map((path) => `${path} is missing`),
  ...[...committed].filter((path) => !generated.has(path)).map((path) => `${path} is left over`),
  ...[...generated]
    .filter((path) => committed.has(path) && stale(path))
    .map((path) => `${path} is stale`),
];
if (faults.length > 0) {
  console.error(`generated files: expected them as generated, found that ${faults.join(', ')}`);
  console.error(
    'Run `npx napi create-npm-dirs`, also in packages/postgres, and commit what it writes.',
  );
  process.exit(1);
}
console.log(`${generated.size} generated files are up to date`);

/** The folder of the platform packages of a package. */
function npmOf(owner) {
  return posix.join(owner, 'npm');
}

/** Generates the files of a package into the temporary folder. */
function generate(owner) {
  const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const project = join(folder, owner, 'package.json');
  cpSync(join(root, owner, 'package.json'), project, { recursive: true });
  const cwd = join(folder, owner);
  runNode([napi, 'create-npm-dirs'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(project);
}

/**
 * @param {string} path - A generated file, relative to the repository.
 * @returns {boolean} Whether the committed one differs.
 */
function stale(path) {
  return git('show', `:${path}`) !== readFileSync(join(folder, path), 'utf8');
}

/**
 * @param {string} top - A folder.
 * @returns {string[]} The files in it and below, relative to it, with `/` between names.
 */
function filesOf(top) {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

/**
 * @param {...string} parameters - What git is given.
 * @returns {string} What it answers.
 */
function git(...parameters) {
  return run('git', parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
}
