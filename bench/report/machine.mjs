// What a run was made on, and of.

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { OptionError } from '../../scripts/command-line.mjs';
import { fileSystemType } from '../../scripts/machine.mjs';
import { productFolder } from '../folders.mjs';

const require = createRequire(import.meta.url);

/** File systems that keep files in memory: there is no disk to wait for. */
const inMemory = ['tmpfs', 'ramfs', 'devtmpfs'];

/**
 * @param {string} folder - Where the databases are to be made, with all links resolved.
 * @throws {OptionError} Where there is no disk under it.
 */
export function expectDisk(folder) {
  const type = fileSystemType(folder);
  if (!inMemory.includes(type)) return;
  throw new OptionError(`--data: expected a file system on a disk, found ${type} at ${folder}`);
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

/** The machine and the sources of a run, in words. */
export function describe({ machine, commit, date, roundCount, options, versions, minutes }) {
  const { cpu, cores, memoryGiB, os: system, kernel, arch, fileSystem, node } = machine;
  const dirty = commit.isDirty ? ', with changes that are in no commit' : '';
  const build = options.isOtherBuild ? ' (a build of another folder was measured)' : '';
  const each = options.seconds === undefined ? '' : ` of ${options.seconds} s`;
  const rounds = roundCount === 1 ? 'one round' : `${roundCount} rounds`;
  return [
    `- **When**: ${date}, ${rounds}${each}, ${minutes} minutes in all`,
    `- **What**: codebolt-eventlog ${versions['codebolt-eventlog']}, commit ${commit.commit}${dirty}${build}`,
    `- **Where**: ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}, kernel ${kernel}, ${arch}; ${fileSystem}; Node.js ${node}`,
  ].join('\n');
}
