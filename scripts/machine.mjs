// What a run was made on, and of.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

import { root } from './command.mjs';

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

/** @param {string} folder - Where files are made. */
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

/** What the runs themselves write. */
const ofRuns = [
  'bench/results',
  'docs/benchmarks.md',
  'docs/scale.md',
  'torture/results',
  'docs/reliability.md',
];

/** The commit of the tree, and whether the tree had changes that are in no commit. */
export function describeCommit() {
  try {
    const changes = git('status', '--porcelain', '--', '.', ...ofRuns.map((path) => `:!${path}`));
    return { commit: git('rev-parse', 'HEAD'), isDirty: changes !== '' };
  } catch {
    // An archive of the sources has no history.
    return { commit: 'unknown', isDirty: false };
  }
}

function git(...parameters) {
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  return execFileSync('git', parameters, options).trim();
}
