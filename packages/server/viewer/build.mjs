// Builds the viewer into `dist/`, which the package publishes.
//
//     node viewer/build.mjs [--if-changed]
//
// With `--if-changed` it does nothing if `dist/` was built from these sources and packages.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** How many bytes the files may have together, each compressed. */
const GZIPPED_BYTES_MAX = 200 * 1024;

const folder = dirname(fileURLToPath(import.meta.url));
const dist = join(folder, 'dist');
const stampPath = join(folder, '.built');
const lockPath = join(folder, '..', '..', '..', 'package-lock.json');

const stamp = stampOf([...filesOf(folder).filter(isSource), lockPath]);
const isBuilt = existsSync(join(dist, 'index.html')) && existsSync(stampPath);
const isSame = isBuilt && readFileSync(stampPath, 'utf8') === stamp;
if (!(isSame && process.argv.includes('--if-changed'))) await make();

async function make() {
  const { build } = await import('vite');
  await build({ configFile: join(folder, 'vite.config.js'), logLevel: 'warn' });
  const bytes = filesOf(dist).reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  if (bytes > GZIPPED_BYTES_MAX) {
    throw new Error(
      `viewer: expected at most ${GZIPPED_BYTES_MAX} bytes compressed, found ${bytes}`,
    );
  }
  writeFileSync(stampPath, stamp);
  console.log(`The viewer has ${bytes} bytes compressed`);
}

function filesOf(top) {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

function isSource(file) {
  return file !== stampPath && relative(dist, file).startsWith('..');
}

/** A text that differs when one of the files does. */
function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`${relative(folder, file)} ${digest}\n`);
  }
  return hash.digest('hex');
}
