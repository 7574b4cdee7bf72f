// What a fresh clone needs before anything can run: Node.js and Rust, which have to be there, and the packages of the lock
// file, which are installed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runNpm } from './command.mjs';

/** The oldest Node.js that the development tools run on; the addon itself asks for less. */
const nodeVersionMin = [20, 19];

/** Written after a complete install: an interrupted one is done again. */
const stampPath = join(root, 'node_modules', '.setup-stamp');

/** Ends this process unless Node.js and Rust are as needed. */
export function checkTools() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  if (major < majorMin || (major === majorMin && minor < minorMin)) {
    fail(`Node.js: expected ${nodeVersionMin.join('.')} or later, found ${process.versions.node}`);
  }
  const cargo = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
  if (cargo.status === 0) return;
  const found = cargo.error?.code === 'ENOENT' ? 'none' : (cargo.error?.message ?? cargo.stderr);
  fail(`cargo: expected Rust on the PATH (install it from https://rustup.rs), found ${found}`);
}

/**
 * Has the programs that this process starts compile for one run, from a fresh clone: each crate once, and with some
 * optimisation, as tests take several times as long without; without what a later change of a crate would need, what a
 * debugger would, and what is optimised across the parts that a crate is compiled in. napi-rs names the target, and Cargo keeps apart what is compiled with the name of one. What the
 * environment says goes before.
 */
export function compileOnce() {
  const asked = spawnSync('rustc', ['--print', 'host-tuple'], { encoding: 'utf8' });
  if (asked.status !== 0) fail(`rustc: expected the name of its host, found ${asked.stderr}`);
  Object.assign(process.env, {
    CARGO_BUILD_TARGET: asked.stdout.trim(),
    CARGO_INCREMENTAL: '0',
    CARGO_PROFILE_DEV_DEBUG: '0',
    CARGO_PROFILE_DEV_LTO: 'off',
    CARGO_PROFILE_DEV_OPT_LEVEL: '1',
    ...process.env,
  });
}

/** @returns {boolean} Whether `cargo` has that subcommand. */
export function hasCargoCommand(name) {
  return spawnSync('cargo', [name, '--version'], { stdio: 'ignore' }).status === 0;
}

/** Installs the packages of the lock file, unless they are there. */
export function installPackages() {
  const stamp = installStamp();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;
  console.log('Installing the packages of package-lock.json');
  runNpm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']);
  writeFileSync(stampPath, stamp);
}

/**
 * What an install depends on: the lock file, and the platform, since several tools are programs of
 * that platform.
 *
 * @returns {string} A text that differs when an install is needed.
 */
function installStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  return `${process.platform}-${process.arch} ${hash}\n`;
}

/**
 * @param {string} text - What was expected and what was found.
 * @returns {never}
 */
function fail(text) {
  console.error(text);
  process.exit(1);
}
