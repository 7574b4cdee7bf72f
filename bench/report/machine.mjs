// What a run was made on, and of.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';

import { OptionError, productFolder } from '../command-line.mjs';

const require = createRequire(import.meta.url);

/** File systems that keep files in memory: there is no disk to wait for. */
const inMemory = ['tmpfs', 'ramfs', 'devtmpfs'];

/**
 * @param {string} folder - A folder, with all links resolved.
 * @returns {string | undefined} The type of its file system; `undefined` where nobody says.
 */
export function fileSystemType(folder) {
  if (process.platform !== 'linux') return undefined;
  let found = { at: '', type: undefined };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n')) {
    const [mount, source] = line.split(' - ');
    const at = mount.split(' ')[4];
    const holds = folder === at || folder.startsWith(at.endsWith('/') ? at : `${at}/`);
    if (holds && at.length >= found.at.length) found = { at, type: source.split(' ')[0] };
  }
  return found.type;
}

/**
 * @param {string} folder - Where the databases are to be made, with all links resolved.
 * @throws {OptionError} Where there is no disk under it.
 */
export function expectDisk(folder) {
  const type = fileSystemType(folder);
  if (!inMemory.includes(type)) return;
  throw new OptionError(`--data: expected a file system on a disk, found ${type} at ${folder}`);
}

/** @param {string} folder - Where the databases are made. */
export function describeMachine(folder) {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: osName(),
    kernel: os.release(),
    arch: os.arch(),
    fileSystem: fileSystemType(folder) ?? 'unknown',
    node: process.version,
  };
}

function osName() {
  if (process.platform !== 'linux') return `${os.type()} ${os.version()}`;
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))[1];
  } catch {
    // A Linux does not have to say which it is.
    return os.type();
  }
}

/** @param {object[]} systems - The systems of a run. */
export function versionsOf(systems) {
  const versions = { 'codebolt-eventlog': version(join(productFolder, 'package.json')) };
  for (const { package: name } of systems) {
    if (name)
      versions[name] = version(join(productFolder, 'bench/node_modules', name, 'package.json'));
  }
  return versions;
}

function version(path) {
  return require(path).version;
}

/** The commit of the tree, and whether the tree had changes that are in no commit. */
export function describeCommit() {
  try {
    const changes = git(
      'status',
      '--porcelain',
      '--',
      '.',
      ':!bench/results',
      ':!docs/benchmarks.md',
    );
    return { commit: git('rev-parse', 'HEAD'), isDirty: changes !== '' };
  } catch {
    // An archive of the sources has no history.
    return { commit: 'unknown', isDirty: false };
  }
}

function git(...parameters) {
  const options = { cwd: productFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  return execFileSync('git', parameters, options).trim();
}

/** The machine and the sources of a run, in words. */
export function describe({ machine, commit, date, roundCount, options, versions, minutes }) {
  const { cpu, cores, memoryGiB, os: system, kernel, arch, fileSystem, node } = machine;
  const dirty = commit.isDirty ? ', with changes that are in no commit' : '';
  const build = options.isOtherBuild ? ' (a build of another folder was measured)' : '';
  const rounds = roundCount === 1 ? 'one round' : `${roundCount} rounds`;
  return [
    `- **When**: ${date}, ${rounds} of ${options.seconds} s, ${minutes} minutes in all`,
    `- **What**: codebolt-eventlog ${versions['codebolt-eventlog']}, commit ${commit.commit}${dirty}${build}`,
    `- **Where**: ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}, kernel ${kernel}, ${arch}; ${fileSystem}; Node.js ${node}`,
  ].join('\n');
}
